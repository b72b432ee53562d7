/* SPDX-License-Identifier: MIT */
#include "heap/heap_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

#define PIECE_MIN ((size_t)1 << 14) /* if blocks are large, most of their memory is skipped */
#define PIECE_MAX ((size_t)1 << 18) /* so that a piece is still in a CPU cache when it is looked at */
#define WINDOW (UINT64_C(1) << 26)  /* bytes whose page map is read at once, right before they are */
#define RANGE_MAX (UINT64_C(1) << 40)
#define WAIT_MAX 2000000 /* microseconds */

void heap_memory_init(struct heap_memory *memory, struct source *source, const struct facts *facts)
{
	*memory = (struct heap_memory){
		.source = source,
		.facts = facts,
		.page_size = facts->page_size,
		.page_shift = (unsigned)__builtin_ctzll(facts->page_size),
		.word_size = facts->word_size,
		.piece = mem_array(MAX(PIECE_MAX, facts->page_size), 1),
		.age = 1,
	};
}

static void forget_presence(struct heap_memory *memory)
{
	for (size_t i = 0; i < memory->n_presence; i++)
		free(memory->presence[i]);
	free(memory->presence);
	memory->presence = NULL;
	memory->n_presence = 0;
}

static void free_group(struct peeked_page *group)
{
	for (size_t i = 0; i < PEEK_GROUP && group; i++)
		free(group[i].bytes);
	free(group);
}

void heap_memory_done(struct heap_memory *memory)
{
	forget_presence(memory);
	free(memory->piece);
	for (size_t i = 0; i < ARRAY_SIZE(memory->peeked); i++)
		free_group(memory->peeked[i]);
	*memory = (struct heap_memory){ 0 };
}

/* ---- which pages there are ---- */

static size_t page_index(const struct heap_memory *memory, uint64_t addr)
{
	return (size_t)((addr - memory->start) >> memory->page_shift);
}

static enum page_presence presence_of(uint64_t categories)
{
	if (categories & PAGE_IS_GUARD)
		return PAGE_UNTOUCHED;
	if (categories & PAGE_IS_PFNZERO)
		return PAGE_ZERO;
	if (categories & PAGE_IS_PRESENT)
		return PAGE_PRESENT;
	return categories & PAGE_IS_SWAPPED ? PAGE_SWAPPED : PAGE_UNTOUCHED;
}

/* Makes room for the presence of the pages up to an address. */
static void make_room(struct heap_memory *memory, uint64_t end)
{
	size_t n = page_index(memory, end) / PRESENCE_PAGES + 1;
	uint8_t **fresh;

	if (n <= memory->n_presence)
		return;
	/* Not grown in place: fresh zeroes take no memory. */
	fresh = mem_alloc(n * sizeof(*fresh));
	if (memory->n_presence > 0)
		memcpy(fresh, memory->presence, memory->n_presence * sizeof(*fresh));
	free(memory->presence);
	memory->presence = fresh;
	memory->n_presence = n;
}

/* Most of a range may be untouched, and it may be as large as the target likes. */
static void set_presence(struct heap_memory *memory, uint64_t from, uint64_t to, enum page_presence presence)
{
	size_t past = page_index(memory, to);
	size_t n;

	for (size_t page = page_index(memory, from); page < past; page += n) {
		uint8_t **pages = &memory->presence[page / PRESENCE_PAGES];

		n = MIN(past - page, PRESENCE_PAGES - page % PRESENCE_PAGES);
		if (!*pages && presence != PAGE_UNTOUCHED)
			*pages = mem_alloc(PRESENCE_PAGES);
		if (*pages)
			memset(*pages + page % PRESENCE_PAGES, (int)presence, n);
	}
}

/* Finds zero pages, if the kernel did not say which they are. */
static void find_zeroes(struct heap_memory *memory, uint64_t from, uint64_t to)
{
	uint64_t words[512];

	while (from < to) {
		size_t n_wanted = MIN(ARRAY_SIZE(words), (size_t)((to - from) >> memory->page_shift));
		ssize_t n = source_read_page_words(memory->source, from, words, n_wanted);

		for (ssize_t i = 0; i < n; i++, from += memory->page_size) {
			enum answer is_zero = source_is_zero_page(memory->source, words[i]);

			if (is_zero == ANSWER_YES)
				set_presence(memory, from, from + memory->page_size, PAGE_ZERO);
			memory->has_unclear |= is_zero == ANSWER_UNKNOWN;
		}
		if (n <= 0) {
			memory->has_unclear = true;
			break;
		}
	}
	memory->had_unclear |= memory->has_unclear;
}

static void take_pages(void *context, const struct page_region *region)
{
	struct heap_memory *memory = context;
	uint64_t from = MAX(region->start, memory->start);
	uint64_t to = MIN(region->end, memory->known_end);
	enum page_presence presence = presence_of(region->categories);

	if (from >= to)
		return;
	set_presence(memory, from, to, presence);
	if (presence == PAGE_PRESENT && region->categories & PAGE_IS_INCOMPLETE)
		find_zeroes(memory, from, to);
}

/* Without a page map, reading shows what there is; a core file lacks whole mappings, however large. */
static void take_all(struct heap_memory *memory, const struct page_range *range)
{
	uint64_t from, to;

	if (memory->facts->origin != ORIGIN_CORE) {
		set_presence(memory, range->start, range->end, PAGE_PRESENT);
		return;
	}
	for (uint64_t at = range->start; facts_next_dumped(memory->facts, at, range->end, &from, &to);
	     at = to)
		set_presence(memory, from, to, PAGE_PRESENT);
}

/* Reads the page map up to an address, and some more. */
static void know_pages(struct heap_memory *memory, uint64_t to)
{
	struct page_range range = { .start = memory->known_end };
	int r;

	if (to <= memory->known_end)
		return;
	range.end = MIN(MAX(to, memory->known_end + WINDOW), memory->end);
	memory->known_end = range.end = page_ceil(range.end, memory->page_size);
	set_presence(memory, range.start, range.end, PAGE_UNTOUCHED);
	if (memory->is_blind)
		return;
	r = memory->has_residence ? source_walk_pages(memory->source, &range, 1, false, take_pages, memory) :
				    -ENOTSUP;
	memory->has_residence = r == 0;
	memory->is_blind = r < 0 && r != -ENOTSUP;
	if (r == -ENOTSUP)
		take_all(memory, &range);
}

bool heap_memory_cover(struct heap_memory *memory, uint64_t start, uint64_t end)
{
	forget_presence(memory);
	memory->start = memory->end = memory->known_end = 0;
	memory->at = memory->len = 0;
	memory->has_residence = memory->has_unclear = memory->is_blind = false;
	if (end <= start || end - start > RANGE_MAX)
		return false;
	memory->start = memory->known_end = start;
	memory->end = end;
	make_room(memory, end);
	memory->has_residence = true;
	know_pages(memory, start + 1);
	return !memory->is_blind;
}

bool heap_memory_cover_again(struct heap_memory *memory, uint64_t from, uint64_t end)
{
	if (from < memory->start || from > memory->known_end || end < from || end - memory->start > RANGE_MAX)
		return false;
	make_room(memory, end);
	memory->known_end = from;
	memory->end = end;
	memory->at = memory->len = 0;
	return true;
}

/* The end of the pages whose presence is kept together with that of a page, as far as it is known. */
static uint64_t presence_end(const struct heap_memory *memory, uint64_t addr)
{
	uint64_t page = (uint64_t)page_index(memory, addr) / PRESENCE_PAGES * PRESENCE_PAGES + PRESENCE_PAGES;

	return MIN(memory->start + (page << memory->page_shift), memory->known_end);
}

static bool are_untouched(const struct heap_memory *memory, uint64_t addr)
{
	return !memory->presence[page_index(memory, addr) / PRESENCE_PAGES];
}

uint64_t heap_memory_next(struct heap_memory *memory, uint64_t from, uint64_t to)
{
	uint64_t window = WINDOW;

	to = MIN(to, memory->end);
	while (from < to) {
		if (from >= memory->known_end) {
			know_pages(memory, MIN(to, from + window));
			window *= 2;
		}
		if (are_untouched(memory, from))
			from = presence_end(memory, from);
		else if (heap_memory_presence(memory, from) != PAGE_UNTOUCHED)
			return from;
		else
			from += memory->page_size;
	}
	return UNKNOWN;
}

uint64_t heap_memory_resident(struct heap_memory *memory, uint64_t from, uint64_t to)
{
	uint64_t bytes = 0;

	from = MAX(from, memory->start);
	to = MIN(to, memory->end);
	know_pages(memory, to);
	while (from < to) {
		uint64_t next = page_floor(from, memory->page_size) + memory->page_size;

		next = MIN(to, are_untouched(memory, from) ? presence_end(memory, from) : next);
		if (heap_memory_presence(memory, from) == PAGE_PRESENT)
			bytes += next - from;
		from = next;
	}
	return bytes;
}

/* ---- in sequence ---- */

/* A page that cannot be read does not exist any more. */
static void read_slowly(struct heap_memory *memory, uint64_t addr, unsigned char *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = source_read_memory(memory->source, addr + done, buf + done, len - done);

		if (n > 0)
			done = (size_t)page_floor(done + (size_t)n, memory->page_size);
		if (n <= 0 || (size_t)n < memory->page_size) {
			set_presence(memory, addr + done, addr + done + memory->page_size, PAGE_UNTOUCHED);
			memset(buf + done, 0, memory->page_size);
			done += memory->page_size;
		}
	}
}

static void read_runs(struct heap_memory *memory, const struct memory_part *runs, size_t n)
{
	size_t done = source_read_parts(memory->source, runs, n);

	for (; done < n; done++)
		read_slowly(memory, runs[done].addr, runs[done].buf, runs[done].len);
}

static void read_piece(struct heap_memory *memory)
{
	struct memory_part runs[PARTS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < memory->len; i += memory->page_size) {
		uint64_t addr = memory->at + i;
		struct memory_part *last = n > 0 ? &runs[n - 1] : NULL;

		if (heap_memory_presence(memory, addr) != PAGE_PRESENT) {
			memset(memory->piece + i, 0, memory->page_size);
			continue;
		}
		if (last && last->addr + last->len == addr) {
			last->len += memory->page_size;
			continue;
		}
		if (n == PARTS_MAX) {
			read_runs(memory, runs, n);
			n = 0;
		}
		runs[n++] = (struct memory_part){ addr, memory->piece + i, memory->page_size };
	}
	read_runs(memory, runs, n);
}

/* Pieces grow as long as they are read in sequence. */
bool heap_memory_load(struct heap_memory *memory, uint64_t addr)
{
	uint64_t start = page_floor(addr, memory->page_size);
	size_t len = start == memory->at + memory->len ? MIN(2 * memory->len, PIECE_MAX) : PIECE_MIN;

	if (addr < memory->start || addr >= memory->end)
		return false;
	len = (size_t)MIN(MAX(len, memory->page_size), memory->end - start);
	know_pages(memory, start + len);
	if (heap_memory_presence(memory, addr) < PAGE_ZERO)
		return false;
	memory->at = start;
	memory->len = len;
	read_piece(memory);
	return true;
}

/* ---- single pages ---- */

void heap_memory_forget(struct heap_memory *memory)
{
	memory->age++;
}

static bool read_page(struct heap_memory *memory, uint64_t page, unsigned char *buf)
{
	const struct memory_part part = { page, buf, memory->page_size };
	uint64_t word;
	ssize_t n = source_read_page_words(memory->source, page, &word, 1);

	if (n < 0 ? n != -ENOTSUP : n == 1 && (!(word & PM_PRESENT) || word & PM_GUARD))
		return false;
	/* What is known to be there need not be looked up again. */
	if (n == 1 && source_read_parts(memory->source, &part, 1) == 1)
		return true;
	return source_read_memory(memory->source, page, buf, memory->page_size) == (ssize_t)memory->page_size;
}

/* The bytes of a page, or NULL. */
static const unsigned char *find_page(struct heap_memory *memory, uint64_t page)
{
	size_t slot = (page >> memory->page_shift) % PEEK_PAGES;
	struct peeked_page **group = &memory->peeked[slot / PEEK_GROUP];
	struct peeked_page *peeked;

	if (!*group)
		*group = mem_alloc(PEEK_GROUP * sizeof(**group));
	peeked = *group + slot % PEEK_GROUP;
	if (peeked->addr == page && peeked->age == memory->age)
		return peeked->bytes;
	if (!peeked->bytes)
		peeked->bytes = mem_array(memory->page_size, 1);
	peeked->addr = page;
	peeked->age = read_page(memory, page, peeked->bytes) ? memory->age : 0;
	return peeked->age != 0 ? peeked->bytes : NULL;
}

bool heap_memory_peek(struct heap_memory *memory, uint64_t addr, uint64_t *ret)
{
	uint64_t page = page_floor(addr, memory->page_size);
	const unsigned char *bytes = addr % memory->word_size == 0 ? find_page(memory, page) : NULL;

	if (!bytes)
		return false;
	*ret = heap_word(bytes + (addr - page), memory->word_size);
	return true;
}

bool heap_memory_near(struct heap_memory *memory, uint64_t addr, uint64_t *ret)
{
	return addr - memory->at < memory->len ? heap_memory_word(memory, addr, ret) :
						 heap_memory_peek(memory, addr, ret);
}

size_t heap_memory_copy(struct heap_memory *memory, uint64_t addr, char *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		uint64_t page = page_floor(addr + done, memory->page_size);
		size_t offset = (size_t)(addr + done - page);
		size_t n = MIN(len - done, (size_t)memory->page_size - offset);
		const unsigned char *bytes = find_page(memory, page);

		if (!bytes)
			break;
		memcpy(buf + done, bytes + offset, n);
		done += n;
	}
	return done;
}

void heap_memory_wait(struct heap_memory *memory, unsigned n_before)
{
	unsigned ms = 5u << MIN(n_before, 4);
	struct timespec time = { .tv_nsec = ms * 1000000L };

	if (!memory->source->is_native || memory->source->is_held || memory->waited >= WAIT_MAX)
		return;
	nanosleep(&time, NULL);
	memory->waited += ms * 1000;
}
