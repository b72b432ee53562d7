/* SPDX-License-Identifier: MIT */
#include "runtime/pthread_block.h"

#include <string.h>

#include "base/range.h"

void window_fill(struct window *w, const struct facts *facts, uint64_t start, const unsigned char *bytes,
		 size_t len)
{
	uint32_t narrow;

	w->start = start;
	w->word_size = facts->word_size == 4 ? 4 : 8;
	w->n = len / w->word_size;
	for (size_t i = 0; i < w->n; i++) {
		if (w->word_size == 8) {
			memcpy(&w->words[i], bytes + i * 8, 8);
		} else {
			memcpy(&narrow, bytes + i * 4, 4);
			w->words[i] = narrow;
		}
	}
}

bool window_read(struct source *source, const struct facts *facts, uint64_t start, uint64_t end,
		 struct window *w)
{
	unsigned char bytes[WINDOW_MAX];
	ssize_t n = source_read_memory(source, start, bytes, (size_t)MIN(sizeof(bytes), end - start));

	window_fill(w, facts, start, bytes, n < 0 ? 0 : (size_t)n);
	return w->n > 0;
}

/* All that lies above the start of a control block, thread-local variables included, is smaller. */
#define BLOCK_TOP_MAX 0x10000

/*
 * glibc's struct pthread holds stackblock, stackblock_size, guardsize and reported_guardsize one
 * after the other (nptl/descr.h). Their offset differs between versions and machines, so they are
 * recognised by fitting together around an address inside the block.
 */
static bool is_glibc(const uint64_t words[4], uint64_t inside, uint64_t page_size, struct stack_block *ret)
{
	uint64_t start = words[0];
	uint64_t size = words[1];
	uint64_t guard = words[2];

	if (start == 0 || start > inside || size == 0 || !range_fits(start, size, UINT64_MAX) ||
	    start + size <= inside || start + size - inside > BLOCK_TOP_MAX || guard >= size ||
	    guard % page_size != 0 || words[3] > guard)
		return false;
	/* A stack with a guard is glibc's own mapping. */
	if (guard > 0 && start % page_size != 0)
		return false;
	*ret = (struct stack_block){ .start = start, .end = start + size, .guard = guard };
	return true;
}

/*
 * musl's holds map_base, map_size, stack and stack_size (src/internal/pthread_impl.h): `stack` is
 * the stack's upper end, where it begins, below the block. map_base is 0 if the program provided
 * the stack.
 */
static bool is_musl(const uint64_t words[4], uint64_t inside, uint64_t page_size, struct stack_block *ret)
{
	uint64_t top = words[2];
	uint64_t limit = top - words[3];
	uint64_t start = words[0] ? words[0] : limit;
	uint64_t end = start + words[1];

	/* The thread-local variables, however large, lie between the stack and the block. */
	if (words[3] == 0 || words[3] >= top || inside < top || inside >= end ||
	    end - inside > BLOCK_TOP_MAX || limit < start)
		return false;
	if (words[0] && (start % page_size != 0 || end % page_size != 0 || limit % page_size != 0))
		return false;
	*ret = (struct stack_block){ .start = start, .end = end, .guard = limit - start };
	return true;
}

bool control_find_glibc(const struct window *w, size_t *at, size_t last, uint64_t inside, uint64_t page_size,
			struct stack_block *ret)
{
	while (*at < last && *at + 4 <= w->n)
		if (is_glibc(w->words + (*at)++, inside, page_size, ret))
			return true;
	return false;
}

bool control_find_musl(const struct window *w, size_t first, size_t *at, uint64_t page_size,
		       struct stack_block *ret)
{
	uint64_t inside = w->start + first * w->word_size;

	/* The fields come after the links, the thread ID and the thread's state. */
	for (*at = MAX(*at, first + 6); *at < first + MUSL_BLOCK / w->word_size && *at + 4 <= w->n;)
		if (is_musl(w->words + (*at)++, inside, page_size, ret))
			return true;
	return false;
}

/*
 * The most mappings that a stack may span: a thread that locks or advises pages of its own has a few. Each
 * of them is looked at for each pair of words that may be a stack's bounds, and memory may hold any number
 * of such pairs.
 */
#define PIECES_MAX 64

/*
 * Checks what memory says against the map: a stack ends in writable memory. Below that it may be in
 * pieces, with guards of a runtime's own between them, but it has no hole, and nothing of another
 * file.
 */
bool pthread_block_fits(const struct facts *facts, const struct stack_block *block)
{
	size_t top = facts_find_mapping(facts, block->end - 1);
	const struct mapping *m = &facts->mappings[top];
	size_t n = 0;

	if (block->start >= block->end || block->guard >= block->end - block->start ||
	    top == facts->n_mappings || m->start >= block->end ||
	    (m->perms & (PERM_R | PERM_W)) != (PERM_R | PERM_W))
		return false;
	for (; m->start > block->start; m--)
		if (m == facts->mappings || m[-1].end != m->start || ++n > PIECES_MAX ||
		    (m[-1].object != m->object && !(is_anonymous(facts, m) && is_anonymous(facts, m - 1))))
			return false;
	return true;
}

/*
 * glibc's block holds its own address a second time, two words later, where musl's has a link to
 * another block.
 */
bool control_is_glibc(const struct window *w, size_t i)
{
	uint64_t addr = w->start + i * w->word_size;

	return i + 2 < w->n && w->words[i] == addr && w->words[i + 2] == addr;
}

bool control_known_fields(const struct facts *facts, const struct window *w, size_t first, size_t last,
			  uint64_t inside, struct stack_block *ret)
{
	/* Values that the program keeps in the block (pthread_setspecific(3)) may fit together as well. */
	for (size_t at = first; control_find_glibc(w, &at, last, inside, facts->page_size, ret);)
		if (pthread_block_fits(facts, ret))
			return true;
	return false;
}

bool control_find_fields(const struct facts *facts, const struct window *w, size_t i, struct stack_block *ret)
{
	if (control_is_glibc(w, i))
		return control_known_fields(facts, w, i, i + GLIBC_BLOCK / w->word_size,
					    w->start + i * w->word_size, ret);
	for (size_t at = i; control_find_musl(w, i, &at, facts->page_size, ret);)
		if (pthread_block_fits(facts, ret))
			return true;
	return false;
}
