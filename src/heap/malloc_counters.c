/* SPDX-License-Identifier: MIT */
#include "heap/malloc_counters.h"

#include <string.h>

#include "base/mem.h"

#define PIECE ((size_t)1 << 16)	     /* bytes of a module's data that are searched at once */
#define DATA_MAX (UINT64_C(1) << 26) /* no more of a module's data is searched */
#define N_MMAPS_MAX 65536	     /* unless the program calls mallopt(M_MMAP_MAX) */

/* Four ints, padding up to a word, then three words; until glibc 2.23 a fourth one came before the last. */
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

/*
 * A thread may have updated one counter and not yet the next: then they do not fit for a moment.
 * The bytes are whole pages, but glibc 2.43 adds the size of a header to them, for good, whenever
 * realloc(3) moves the end of a mapping.
 */
static bool fits(const struct members *m, const struct facts *facts)
{
	uint64_t page_size = facts->page_size;
	uint64_t header_size = 2 * facts->word_size;

	return m->n >= 0 && m->n <= m->max_n && m->limit >= 0 &&
	       (m->is_threshold_fixed == 0 || m->is_threshold_fixed == 1) && m->bytes <= m->max_bytes &&
	       m->bytes % header_size == 0 && m->max_bytes % header_size == 0 &&
	       m->bytes >= (uint64_t)m->n * page_size && m->max_bytes >= (uint64_t)m->max_n * page_size &&
	       (m->max_n == 0) == (m->max_bytes == 0);
}

/* ---- where they are ---- */

/* How likely a place that fits is the right one. */
enum rank {
	RANK_POSSIBLE,
	RANK_START, /* its sbrk_base is the start of the main arena */
	RANK_USUAL, /* its limit is the default, which programs rarely change */
	N_RANKS,
};

struct search {
	const struct space *space;
	uint64_t system;   /* the main arena's bytes */
	uint64_t heap_end; /* 0: not known now */
	size_t n[N_RANKS];
	uint64_t place[N_RANKS]; /* the last one found */
};

static const struct region *region_of(const struct space *space, uint64_t addr)
{
	uint32_t i = judgement_region(&space->judgement, addr);

	return i == NO_REGION ? NULL : &space->judgement.regions[i];
}

/*
 * The heap begins where the program ends, possibly inside a page. In the map .bss looks like a
 * heap, but is a module's.
 */
static bool is_sbrk_base(const struct search *search, uint64_t addr)
{
	uint64_t page = page_ceil(addr, search->space->facts.page_size);
	const struct region *region;

	if (search->system == 0)
		return addr == 0;
	region = may_be_heap(&search->space->facts, page) ? region_of(search->space, page) : NULL;
	return region && region->module == NO_MODULE;
}

/* If sbrk(2) has given all of the arena, it reaches from sbrk_base to the end of the heap. */
static bool begins_arena(const struct search *search, uint64_t addr)
{
	return search->heap_end != 0 && addr == search->heap_end - search->system;
}

/*
 * Changing the limit fixes the threshold. Counters that fit may also fit one int before their
 * place, if that int is 0. Without a heap, zeroes fit everywhere.
 */
static void look_at(struct search *search, const unsigned char *bytes, uint64_t addr)
{
	struct members m = members_at(bytes, addr, search->space->facts.word_size);
	enum rank rank = RANK_POSSIBLE;

	if (!fits(&m, &search->space->facts) ||
	    (!is_sbrk_base(search, m.sbrk_base) && !is_sbrk_base(search, m.old_sbrk_base)))
		return;
	if (m.limit == N_MMAPS_MAX)
		rank = RANK_USUAL;
	else if (m.is_threshold_fixed != 1 || (search->system == 0 && m.max_n == 0))
		return;
	else if (begins_arena(search, m.sbrk_base) || begins_arena(search, m.old_sbrk_base))
		rank = RANK_START;
	if (search->n[rank] == 0 || search->place[rank] + sizeof(int32_t) != addr)
		search->n[rank]++;
	search->place[rank] = addr;
}

/* N_RANKS: there is no place. */
static enum rank best_rank(const struct search *search)
{
	for (unsigned rank = N_RANKS; rank-- > 0;)
		if (search->n[rank] > 0)
			return rank;
	return N_RANKS;
}

/* Pieces overlap by less than the counters' size, so that each place is whole in one piece only. */
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

/* The heap ends with its top. */
static uint64_t end_of_heap(struct heap_memory *memory, const struct malloc_state *state)
{
	uint64_t size;

	if (state->system == 0 || !heap_memory_peek(memory, state->top + memory->word_size, &size))
		return 0;
	return state->top + (size & ~UINT64_C(7));
}

#define LOOKS 4

void malloc_counters_find(struct heap_memory *memory, const struct space *space,
			  const struct malloc_state *state, struct malloc_counters *tally)
{
	const struct region *region = region_of(space, state->address);
	struct search search;
	enum rank rank;
	unsigned i = 0;

	do {
		if (i > 0)
			heap_memory_wait(memory, i);
		search = (struct search){
			.space = space,
			.system = state->system,
			.heap_end = end_of_heap(memory, state),
		};
		if (region)
			search_region(memory, region, &search);
		rank = best_rank(&search);
	} while (rank == N_RANKS && ++i < LOOKS);
	if (rank == N_RANKS || search.n[rank] > 1 || tally->n == COUNTERS_MAX)
		tally->is_missing = true;
	else
		tally->places[tally->n++] = search.place[rank];
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
		if (m.n <= 0)
			continue;
		ret->blocks += (uint64_t)m.n;
		ret->bytes += page_floor(m.bytes, memory->page_size);
	}
	return tally->n > 0 && !tally->is_missing;
}
