/* SPDX-License-Identifier: MIT */
#include "read_stacks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "mem.h"
#include "pagemap.h"

uint64_t control_block(int32_t tid)
{
	void *head = NULL;
	size_t len;

	if (syscall(SYS_get_robust_list, tid, &head, &len) != 0 || !head)
		return UNKNOWN;
	return (uintptr_t)head;
}

static void add_block(struct addrspace *as, const struct stack_block *block, int32_t tid)
{
	mem_grow(as->blocks, as->n_blocks, as->cap_blocks);
	as->blocks[as->n_blocks] = *block;
	as->blocks[as->n_blocks++].tid = tid;
}

static bool is_thread_found(const struct addrspace *as, int32_t tid)
{
	for (size_t i = 0; i < as->n_blocks; i++)
		if (as->blocks[i].tid == tid)
			return true;
	return false;
}

/* ---- memory, in words of the process's width ---- */

#define WINDOW_MAX 16384

struct window {
	uint64_t start;
	size_t word_size;
	size_t n;
	uint64_t words[WINDOW_MAX / 4];
};

static void fill_window(struct window *w, const struct addrspace *as, uint64_t start,
			const unsigned char *bytes, size_t len)
{
	uint32_t narrow;

	w->start = start;
	w->word_size = as->word_size == 4 ? 4 : 8;
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

/* As much of [start, end) as can be read, at most WINDOW_MAX bytes. False when there is nothing. */
static bool read_window(struct proc *proc, const struct addrspace *as, uint64_t start, uint64_t end,
			struct window *w)
{
	unsigned char bytes[WINDOW_MAX];
	ssize_t n = proc_read_memory(proc, start, bytes, MIN(sizeof(bytes), end - start));

	fill_window(w, as, start, bytes, n < 0 ? 0 : (size_t)n);
	return w->n > 0;
}

/* ---- fields that say where a stack is ---- */

/* What lies above the start of a control block, variables of the thread included, is less. */
#define BLOCK_TOP_MAX 0x10000

/*
 * glibc's struct pthread holds stackblock, stackblock_size, guardsize and reported_guardsize
 * one after the other (nptl/descr.h). Their place differs between versions and machines, so they
 * are known by fitting together around an address that is inside the block.
 */
static bool is_glibc(const uint64_t words[4], uint64_t inside, uint64_t page_size, struct stack_block *ret)
{
	uint64_t start = words[0];
	uint64_t size = words[1];
	uint64_t guard = words[2];

	if (start == 0 || start > inside || size == 0 || size > UINT64_MAX - start ||
	    start + size <= inside || start + size - inside > BLOCK_TOP_MAX || guard >= size ||
	    guard % page_size != 0 || words[3] > guard)
		return false;
	/* With a guard it is glibc's own mapping. */
	if (guard > 0 && start % page_size != 0)
		return false;
	*ret = (struct stack_block){ .start = start, .end = start + size, .guard = guard };
	return true;
}

/*
 * musl's holds map_base, map_size, stack and stack_size (src/internal/pthread_impl.h): `stack` is
 * where it begins, at the upper end, below the block. map_base is 0 where the program has
 * brought its own stack.
 */
static bool is_musl(const uint64_t words[4], uint64_t inside, uint64_t page_size, struct stack_block *ret)
{
	uint64_t top = words[2];
	uint64_t limit = top - words[3];
	uint64_t start = words[0] ? words[0] : limit;
	uint64_t end = start + words[1];

	/* Between the stack and the block lie the thread's own variables, however large. */
	if (words[3] == 0 || words[3] >= top || inside < top || inside >= end ||
	    end - inside > BLOCK_TOP_MAX || limit < start)
		return false;
	if (words[0] && (start % page_size != 0 || end % page_size != 0 || limit % page_size != 0))
		return false;
	*ret = (struct stack_block){ .start = start, .end = end, .guard = limit - start };
	return true;
}

#define GLIBC_BLOCK 0x900 /* bytes in which its fields are looked for */
#define MUSL_BLOCK 0x100
#define BEFORE_LIST 16 /* bytes: the thread's number, and a link of the list */
#define BLOCKS_AT_ONCE 32

static bool find_glibc(const struct window *w, size_t first, size_t last, uint64_t inside, uint64_t page_size,
		       struct stack_block *ret)
{
	for (size_t i = first; i < last && i + 4 <= w->n; i++)
		if (is_glibc(w->words + i, inside, page_size, ret))
			return true;
	return false;
}

static bool find_musl(const struct window *w, size_t first, uint64_t page_size, struct stack_block *ret)
{
	uint64_t inside = w->start + first * w->word_size;

	/* After the links, the number of the thread and its state. */
	for (size_t i = first + 6; i < first + MUSL_BLOCK / w->word_size && i + 4 <= w->n; i++)
		if (is_musl(w->words + i, inside, page_size, ret))
			return true;
	return false;
}

/*
 * What memory says is held against the map: a stack lies in private memory that can be written
 * to, all in one mapping but for the pages without access below it. `m` holds its upper end.
 */
static bool fits(const struct addrspace *as, const struct mapping *m, const struct stack_block *block)
{
	bool has_below = m > as->mappings && m[-1].end == m->start && is_nameless(as, m - 1) &&
			 !(m[-1].perms & (PERM_R | PERM_W | PERM_X));

	return (m->perms & (PERM_R | PERM_W | PERM_SHARED)) == (PERM_R | PERM_W) &&
	       block->start < block->end && block->end <= m->end && block->end > m->start &&
	       (block->start >= m->start || (has_below && block->start >= m[-1].start)) &&
	       block->guard < block->end - block->start;
}

/* ---- blocks that the kernel knows of ---- */

/* A guard that is larger than this may hold something else as well. */
#define GUARD_MAX (1 << 20)

static bool holds_other_block(const struct addrspace *as, const struct mapping *m, uint64_t control)
{
	for (size_t i = 0; i < as->n_threads; i++) {
		uint64_t other = as->threads[i].control;

		if (other != UNKNOWN && other != control && other >= m->start && other < m->end)
			return true;
	}
	return false;
}

/*
 * The plain case, where memory may not be read: a mapping with its guard below and the block in
 * its last page, where glibc puts it, and no other stack in it that may have merged.
 */
static bool has_plain_stack(const struct addrspace *as, size_t i, uint64_t control, struct stack_block *ret)
{
	const struct mapping *m = &as->mappings[i];

	if (!has_guard_below(as, i) || page_ceil(control, as->page_size) != m->end ||
	    m[-1].end - m[-1].start > GUARD_MAX || holds_other_block(as, m, control))
		return false;
	*ret = (struct stack_block){ .start = m[-1].start, .end = m->end, .guard = m->start - m[-1].start };
	return true;
}

/* A thread whose control block the kernel knows, and what was read of the block. */
struct known_block {
	const struct thread *thread;
	size_t mapping;
	uint64_t start;
	size_t len;
	bool is_read;
	unsigned char bytes[GLIBC_BLOCK];
};

/*
 * What the block itself says; its fields come after the list of robust futexes, which is what
 * the kernel knows. *ret_readable: whether it could be asked.
 */
static bool has_known_fields(struct proc *proc, const struct addrspace *as, const struct known_block *known,
			     struct stack_block *ret, bool *ret_readable)
{
	uint64_t control = known->thread->control;
	struct window w;

	if (known->is_read)
		fill_window(&w, as, known->start, known->bytes, known->len);
	else
		read_window(proc, as, known->start, known->start + known->len, &w);
	*ret_readable = w.n > 0;
	return find_glibc(&w, BEFORE_LIST / w.word_size, w.n, control, as->page_size, ret) &&
	       fits(as, &as->mappings[known->mapping], ret);
}

/*
 * Without a guard of its own, or with one that leaves no mapping (glibc 2.42), neighbouring
 * stacks are one mapping. Where memory may not be read, the page map still shows such guards:
 * the last one below the block is where the stack begins.
 */
struct guard_search {
	uint64_t start, end;
};

static void take_guard(void *context, const struct page_region *region)
{
	struct guard_search *search = context;

	if (!(region->categories & PAGE_IS_GUARD))
		return;
	if (region->start != search->end)
		search->start = region->start;
	search->end = region->end;
}

static bool has_hidden_guard(struct proc *proc, const struct addrspace *as, const struct mapping *m,
			     uint64_t control, struct stack_block *ret)
{
	int fd = proc_page_map(proc);
	struct guard_search search = { 0 };
	uint64_t guard = PAGE_IS_GUARD;

	if (fd < 0 || !is_nameless(as, m) ||
	    page_scan(fd, m->start, page_floor(control, as->page_size), &guard, take_guard, &search) < 0 ||
	    search.end == 0)
		return false;
	*ret = (struct stack_block){
		.start = search.start,
		.end = page_ceil(control, as->page_size),
		.guard = search.end - search.start,
	};
	return true;
}

/* Whether what has no access is the room that a malloc arena's heap has left, up to its end. */
static bool is_rest_of_heap(const struct addrspace *as, const struct mapping *m)
{
	uint64_t room = arena_room(as);

	return m > as->mappings && m->end % room == 0 && m[-1].end == m->start && is_nameless(as, m - 1) &&
	       m[-1].start <= m->end - room && m[-1].end > m->end - room;
}

/*
 * A stack that the program has brought itself has no guard that its library knows of, but the
 * program may have put one below it or into its lowest pages, with or without a mapping of its own.
 */
static void add_guard(struct proc *proc, const struct addrspace *as, struct stack_block *block)
{
	const struct mapping *m = &as->mappings[addrspace_find(as, block->start)];
	uint64_t page = as->page_size;
	uint64_t at = page_ceil(block->start, page);
	uint64_t n = 0;

	if (block->guard > 0)
		return;
	if (is_nameless(as, m) && !(m->perms & (PERM_R | PERM_W | PERM_X)) && m->end < block->end) {
		block->guard = m->end - block->start;
		return;
	}
	if (block->start == m->start && m > as->mappings && m[-1].end == m->start && is_nameless(as, m - 1) &&
	    !(m[-1].perms & (PERM_R | PERM_W | PERM_X)) && m[-1].end - m[-1].start <= GUARD_MAX &&
	    !is_rest_of_heap(as, m - 1)) {
		block->start = m[-1].start;
		block->guard = m->start - block->start;
		return;
	}
	while (n < GUARD_MAX && at + n < block->end && proc_is_guard(proc, at + n))
		n += page;
	if (n > 0) {
		block->guard = at + n - block->start;
		return;
	}
	at = page_floor(block->start, page);
	while (n < GUARD_MAX && at - n > m->start && proc_is_guard(proc, at - n - page))
		n += page;
	if (n > 0) {
		block->guard = block->start - (at - n);
		block->start = at - n;
	}
}

/*
 * Whether the block was this thread's when it was read: the kernel clears the number in it when the
 * thread ends. Of a process in a PID namespace of its own, numbers are others.
 */
static bool has_its_number(const struct addrspace *as, const struct known_block *known)
{
	uint64_t at = known->thread->control - 8 - as->word_size;
	int32_t number;

	if (!known->is_read || at < known->start || at - known->start > known->len - sizeof(number))
		return false;
	memcpy(&number, known->bytes + (at - known->start), sizeof(number));
	return number == known->thread->tid;
}

static void read_known_block(struct proc *proc, struct addrspace *as, const struct known_block *known)
{
	const struct thread *thread = known->thread;
	struct stack_block block;
	bool is_readable;

	if (!has_known_fields(proc, as, known, &block, &is_readable) &&
	    (is_readable ||
	     (!has_plain_stack(as, known->mapping, thread->control, &block) &&
	      !has_hidden_guard(proc, as, &as->mappings[known->mapping], thread->control, &block))))
		return;
	add_guard(proc, as, &block);
	/* While all this was read, it may have ended, and its stack may have become another's. */
	if (has_its_number(as, known) || control_block(thread->tid) == thread->control)
		add_block(as, &block, thread->tid);
}

static bool has_known_block(const struct addrspace *as, const struct thread *thread, struct known_block *ret)
{
	size_t i = thread->control == UNKNOWN ? as->n_mappings : addrspace_find(as, thread->control);

	if (i == as->n_mappings || as->mappings[i].start > thread->control || thread->tid == as->process.pid)
		return false;
	ret->thread = thread;
	ret->mapping = i;
	ret->start = page_floor(thread->control, 8) - BEFORE_LIST;
	ret->len = (size_t)MIN(as->mappings[i].end - ret->start, sizeof(ret->bytes));
	ret->is_read = false;
	return true;
}

/* Where a library has told the kernel of a block in its own memory, it has written to it. */
static void read_together(struct proc *proc, const struct addrspace *as, struct known_block *known, size_t n)
{
	struct memory_part parts[BLOCKS_AT_ONCE];
	size_t which[BLOCKS_AT_ONCE];
	size_t n_parts = 0;

	for (size_t i = 0; i < n; i++)
		if (is_nameless(as, &as->mappings[known[i].mapping])) {
			parts[n_parts] = (struct memory_part){ known[i].start, known[i].bytes, known[i].len };
			which[n_parts++] = i;
		}
	n_parts = proc_read_parts(proc, parts, n_parts);
	for (size_t i = 0; i < n_parts; i++)
		known[which[i]].is_read = true;
}

static void read_known_blocks(struct proc *proc, struct addrspace *as)
{
	_cleanup_free_ struct known_block *known = NULL;

	if (as->n_threads > 0)
		known = mem_realloc(NULL, BLOCKS_AT_ONCE, sizeof(*known));
	for (size_t next = 0; next < as->n_threads;) {
		size_t n = 0;

		for (; next < as->n_threads && n < BLOCKS_AT_ONCE; next++)
			n += has_known_block(as, &as->threads[next], &known[n]);
		read_together(proc, as, known, n);
		for (size_t i = 0; i < n; i++)
			read_known_block(proc, as, &known[i]);
	}
}

/* ---- blocks that nothing points to: found by what they contain ---- */

#define NUMBER_MAX 0x400 /* how far into a block the number of its thread is looked for */

static bool is_missing_thread(const struct addrspace *as, uint32_t number)
{
	size_t low = 0;
	size_t high = as->n_threads;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((uint32_t)as->threads[middle].tid < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < as->n_threads && (uint32_t)as->threads[low].tid == number &&
	       as->threads[low].tid != as->process.pid && !is_thread_found(as, as->threads[low].tid);
}

/*
 * A control block begins with its own address and holds the number of its thread, which is 32
 * bits wide: the thread of the one at word `i`, or NO_TID.
 */
static int32_t thread_of_block(const struct addrspace *as, const struct window *w, size_t i)
{
	if (w->words[i] != w->start + i * w->word_size)
		return NO_TID;
	for (size_t k = i + 1; k < w->n && k < i + NUMBER_MAX / w->word_size; k++) {
		if (is_missing_thread(as, (uint32_t)w->words[k]))
			return (int32_t)w->words[k];
		if (is_missing_thread(as, (uint32_t)(w->words[k] >> 32)))
			return (int32_t)(w->words[k] >> 32);
	}
	return NO_TID;
}

/*
 * glibc's block holds its own address a second time, two words on, where musl has a link to
 * another one.
 */
static bool is_glibc_head(const struct window *w, size_t i)
{
	uint64_t addr = w->start + i * w->word_size;

	return i + 2 < w->n && w->words[i] == addr && w->words[i + 2] == addr;
}

static bool find_fields(const struct addrspace *as, const struct window *w, size_t i, struct stack_block *ret)
{
	if (!is_glibc_head(w, i))
		return find_musl(w, i, as->page_size, ret);
	return find_glibc(w, i, i + GLIBC_BLOCK / w->word_size, w->start + i * w->word_size, as->page_size,
			  ret);
}

/* musl's block may lie apart from the stack. */
static bool fits_somewhere(const struct addrspace *as, const struct stack_block *block)
{
	size_t i = addrspace_find(as, block->end - 1);

	return i < as->n_mappings && fits(as, &as->mappings[i], block);
}

/*
 * musl links the blocks of all threads in a ring: from one, all others are found, wherever
 * they are. The link follows the block's own address and, on some machines, one more word.
 */
static void follow_ring(struct proc *proc, struct addrspace *as, uint64_t from)
{
	struct window w;

	for (size_t link = 2; link <= 3; link++) {
		uint64_t at = from;

		for (size_t i = 0; i <= as->n_threads; i++) {
			struct stack_block block;
			int32_t tid;

			if (!read_window(proc, as, at, at + MUSL_BLOCK, &w) || w.n < 8 || w.words[0] != at)
				break;
			tid = thread_of_block(as, &w, 0);
			if (tid != NO_TID && find_musl(&w, 0, as->page_size, &block) &&
			    fits_somewhere(as, &block)) {
				add_guard(proc, as, &block);
				add_block(as, &block, tid);
			}
			if (w.words[link] == at || w.words[link] == from)
				break;
			at = w.words[link];
		}
	}
}

static bool search_living(struct proc *proc, struct addrspace *as, const struct mapping *m,
			  const struct window *w)
{
	struct stack_block block;

	for (size_t i = 0; i + 4 <= w->n; i++) {
		int32_t tid = thread_of_block(as, w, i);

		if (tid == NO_TID || !find_fields(as, w, i, &block) || !fits(as, m, &block))
			continue;
		/* The kernel knows the blocks of glibc's living threads: this one is just ending. */
		if (is_glibc_head(w, i) && w->word_size == 8 && proc->is_ours)
			continue;
		add_guard(proc, as, &block);
		add_block(as, &block, tid);
		if (!is_glibc_head(w, i))
			follow_ring(proc, as, w->start + i * w->word_size);
		return true;
	}
	return false;
}

/* glibc keeps the stacks of threads that have ended, with their blocks in them. */
static void search_left_behind(struct addrspace *as, const struct mapping *m, const struct window *w)
{
	struct stack_block block;

	for (size_t i = 0; i + 4 <= w->n; i++) {
		if (!is_glibc_head(w, i) || !find_fields(as, w, i, &block) || !fits(as, m, &block) ||
		    page_ceil(block.end, as->page_size) != m->end || block.start + block.guard != m->start)
			continue;
		add_block(as, &block, NO_TID);
		return;
	}
}

/* The control block at the top of a mapping that looks like a stack. */
static void search_mapping(struct proc *proc, struct addrspace *as, const struct mapping *m)
{
	uint64_t start = m->end - MIN(m->end - m->start, WINDOW_MAX);
	struct window w;

	if (read_window(proc, as, start, m->end, &w) && !search_living(proc, as, m, &w))
		search_left_behind(as, m, &w);
}

/* A process can have any number of mappings that look like stacks; not all can be looked into. */
#define SEARCHES_MAX 1024

static bool has_block(const struct addrspace *as, const struct mapping *m)
{
	for (size_t i = 0; i < as->n_blocks; i++)
		if (as->blocks[i].start < m->end && as->blocks[i].end > m->start)
			return true;
	return false;
}

static void search_blocks(struct proc *proc, struct addrspace *as)
{
	size_t searches = 0;

	for (size_t i = 0; i < as->n_mappings && searches < SEARCHES_MAX; i++) {
		if (!has_guard_below(as, i) || has_block(as, &as->mappings[i]))
			continue;
		search_mapping(proc, as, &as->mappings[i]);
		searches++;
	}
}

/* ---- all of them, in order ---- */

static int compare_blocks(const void *a, const void *b)
{
	const struct stack_block *x = a;
	const struct stack_block *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* Memory that changes while it is read may say anything: of blocks that overlap none is believed. */
static void sort_blocks(struct addrspace *as)
{
	uint64_t end = 0; /* of all before */
	size_t n = 0;

	if (as->n_blocks == 0)
		return;
	qsort(as->blocks, as->n_blocks, sizeof(*as->blocks), compare_blocks);
	for (size_t i = 0; i < as->n_blocks; i++) {
		struct stack_block block = as->blocks[i];
		bool overlaps =
			block.start < end || (i + 1 < as->n_blocks && block.end > as->blocks[i + 1].start);

		end = MAX(end, block.end);
		if (!overlaps)
			as->blocks[n++] = block;
	}
	as->n_blocks = n;
}

void read_stacks(struct proc *proc, struct addrspace *as)
{
	read_known_blocks(proc, as);
	search_blocks(proc, as);
	sort_blocks(as);
}
