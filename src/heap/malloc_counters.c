/* SPDX-License-Identifier: MIT */
#include "heap/malloc_counters.h"

#include <string.h>

#include "base/mem.h"

#define PIECE ((size_t)1 << 16)	     /* of a module's data, that is searched at once */
#define DATA_MAX (UINT64_C(1) << 26) /* of it no more is searched */
#define N_MMAPS_MAX 65536	     /* unless the program calls mallopt(M_MMAP_MAX) */

/* Four ints, whatever fills up a word, then three words; a fourth one came before the last until glibc 2.23. */
#define COUNTERS_BYTES 56

struct members {
	int32_t n, limit, max_n, is_threshold_fixed;
	uint64_t bytes, max_bytes;
	uint64_t sbrk_base, old_sbrk_base;
};

static struct members members_at(const unsigned char *bytes, uint64_t addr, size_t word_size)
{
	const unsigned char *words = bytes + (page_ceil(addr + 16, word_size) - addr);
	struct members m;
	int32_t ints[4];

	memcpy(ints, bytes, sizeof(ints));
	m = (struct members){
		.n = ints[0], .limit = ints[1], .max_n = ints[2], .is_threshold_fixed = ints[3]
	};
	m.bytes = heap_word(words, word_size);
	m.max_bytes = heap_word(words + word_size, word_size);
	m.sbrk_base = heap_word(words + 2 * word_size, word_size);
	m.old_sbrk_base = heap_word(words + 3 * word_size, word_size);
	return m;
}

/* A thread may stand between one of them and the next: then they do not fit for a moment. */
static bool fits(const struct members *m, uint64_t page_size)
{
	return m->n >= 0 && m->n <= m->max_n && m->limit >= 0 &&
	       (m->is_threshold_fixed == 0 || m->is_threshold_fixed == 1) && m->bytes <= m->max_bytes &&
	       m->bytes % page_size == 0 && m->max_bytes % page_size == 0 &&
	       m->bytes >= (uint64_t)m->n * page_size && m->max_bytes >= (uint64_t)m->max_n * page_size &&
	       (m->n == 0) == (m->bytes == 0) && (m->max_n == 0) == (m->max_bytes == 0);
}

/* ---- where they are ---- */

struct search {
	const struct facts *facts;
	bool has_heap;
	size_t n[2]; /* places that fit; [1]: those that have the limit that programs rarely change */
	uint64_t place[2];
};

/* Where the program ends within a page, so begins the heap. */
static bool is_sbrk_base(const struct search *search, uint64_t addr)
{
	return search->has_heap ? may_be_heap(search->facts, page_ceil(addr, search->facts->page_size)) :
				  addr == 0;
}

/* To change the limit fixes the threshold. */
static void look_at(struct search *search, const unsigned char *bytes, uint64_t addr)
{
	struct members m = members_at(bytes, addr, search->facts->word_size);
	bool is_usual = m.limit == N_MMAPS_MAX;

	if ((!is_usual && (m.is_threshold_fixed != 1 || !search->has_heap)) ||
	    !fits(&m, search->facts->page_size) ||
	    (!is_sbrk_base(search, m.sbrk_base) && !is_sbrk_base(search, m.old_sbrk_base)))
		return;
	search->n[is_usual]++;
	search->place[is_usual] = addr;
}

/* Pieces overlap by less than what is looked for has, so that each place is in one. */
static void search_region(const struct heap_memory *memory, const struct region *region,
			  struct search *search)
{
	_cleanup_free_ unsigned char *bytes = mem_array(PIECE, 1);
	uint64_t end = MIN(region->end, region->start + DATA_MAX);
	uint64_t at = page_ceil(region->start, sizeof(int32_t));

	while (at + COUNTERS_BYTES <= end) {
		size_t len = (size_t)MIN(PIECE, end - at);
		ssize_t n = source_read_memory(memory->source, at, bytes, len);

		for (size_t i = 0; n > 0 && i + COUNTERS_BYTES <= (size_t)n; i += sizeof(int32_t))
			look_at(search, bytes + i, at + i);
		if (len < PIECE)
			break;
		at += PIECE - COUNTERS_BYTES + sizeof(int32_t);
	}
}

static const struct region *region_of(const struct space *space, uint64_t addr)
{
	for (size_t i = 0; i < space->judgement.n_regions; i++)
		if (space->judgement.regions[i].start <= addr && addr < space->judgement.regions[i].end)
			return &space->judgement.regions[i];
	return NULL;
}

#define LOOKS 4

void malloc_counters_find(struct heap_memory *memory, const struct space *space,
			  const struct malloc_state *state, struct malloc_counters *tally)
{
	const struct region *region = region_of(space, state->address);
	struct search search;
	unsigned i = 0;

	do {
		if (i > 0)
			heap_memory_wait(memory, i);
		search = (struct search){ .facts = &space->facts, .has_heap = state->system > 0 };
		if (region)
			search_region(memory, region, &search);
	} while (search.n[0] + search.n[1] == 0 && ++i < LOOKS);
	if (search.n[1] > 1 || (search.n[1] == 0 && search.n[0] != 1) || tally->n == COUNTERS_MAX)
		tally->is_missing = true;
	else
		tally->places[tally->n++] = search.place[search.n[1]];
}

bool malloc_counters_read(const struct heap_memory *memory, const struct malloc_counters *tally,
			  struct malloc_count *ret)
{
	*ret = (struct malloc_count){ 0 };
	for (size_t i = 0; i < tally->n; i++) {
		unsigned char bytes[COUNTERS_BYTES];
		struct members m;

		if (source_read_memory(memory->source, tally->places[i], bytes, sizeof(bytes)) !=
		    sizeof(bytes))
			return false;
		m = members_at(bytes, tally->places[i], memory->word_size);
		ret->blocks += m.n > 0 ? (uint64_t)m.n : 0;
		ret->bytes += m.bytes;
	}
	return tally->n > 0 && !tally->is_missing;
}
