/* SPDX-License-Identifier: MIT */
#include "runtime/arenas.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A process may have any number of boundaries where a heap may begin; not all can be looked at. */
#define LOOKS_MAX 4096

static bool read_header(struct source *source, uint64_t addr, size_t word_size, struct arena_header *ret)
{
	uint32_t narrow[4];

	if (word_size != 4)
		return source_read_memory(source, addr, ret, sizeof(*ret)) == sizeof(*ret);
	if (source_read_memory(source, addr, narrow, sizeof(narrow)) != sizeof(narrow))
		return false;
	*ret = (struct arena_header){ narrow[0], narrow[1], narrow[2], narrow[3] };
	return true;
}

/* Adds the heap at a boundary, if there is one. */
static void read_heap(struct source *source, struct facts *facts, const struct mapping *m, uint64_t at,
		      uint64_t room)
{
	struct arena_header header;

	if (!read_header(source, at, facts->word_size, &header))
		return;
	facts->knows_heaps = true;
	if (!arena_header_fits(&header, at, m->end, room, facts->page_size))
		return;
	mem_grow(facts->heaps, facts->n_heaps, facts->cap_heaps);
	facts->heaps[facts->n_heaps++] = (struct arena_heap){
		.start = at,
		.end = at + header.protected_size,
		.arena = header.arena,
		.tid = NO_TID,
	};
}

/*
 * Large mappings are mostly neither an arena's nor touched: with several boundaries, first asks
 * which are in memory.
 */
static void read_mapping(struct source *source, struct facts *facts, const struct mapping *m, uint64_t room,
			 size_t *looks)
{
	bool may_be_swapped = facts->process.swapped != 0;
	uint64_t at = page_ceil(m->start, room);

	while (at >= m->start && at < m->end && *looks < LOOKS_MAX) {
		uint64_t addrs[PARTS_MAX];
		bool is_present[PARTS_MAX] = { true };
		size_t n = 0;

		for (; n < PARTS_MAX && at >= m->start && at < m->end && *looks < LOOKS_MAX;
		     at += room, ++*looks)
			addrs[n++] = at;
		if (n > 1)
			source_find_present(source, addrs, n, is_present);
		for (size_t i = 0; i < n; i++)
			if (is_present[i] || may_be_swapped)
				read_heap(source, facts, m, addrs[i], room);
	}
}

/*
 * Which thread uses which arena: each keeps the address of its arena in a thread-local variable
 * (thread_arena in malloc/arena.c), at the same offset from the control block in all threads. The
 * threads show which offset: the one where most of them have an arena.
 */
#define VARIABLES 4096 /* bytes on either side of a control block that are searched for the variable */
#define N_WORDS (2 * VARIABLES / 8)
#define VOTERS_MAX 1024 /* threads that are looked at to find the offset */

struct variables {
	struct thread *thread;
	uint64_t words[N_WORDS];
};

/* Heaps sorted by arena, then by address. */
struct arena_index {
	struct arena_heap **heaps;
	size_t n;
	uint64_t room;
};

static int compare_arenas(const void *a, const void *b)
{
	const struct arena_heap *x = *(struct arena_heap *const *)a;
	const struct arena_heap *y = *(struct arena_heap *const *)b;

	if (x->arena != y->arena)
		return x->arena > y->arena ? 1 : -1;
	return (x->start > y->start) - (x->start < y->start);
}

static void index_arenas(struct facts *facts, struct arena_index *index)
{
	index->heaps = mem_realloc(NULL, facts->n_heaps, sizeof(struct arena_heap *));
	index->n = facts->n_heaps;
	index->room = arena_room(facts->word_size);
	for (size_t i = 0; i < index->n; i++)
		index->heaps[i] = &facts->heaps[i];
	mem_sort(index->heaps, index->n, sizeof(struct arena_heap *), compare_arenas);
}

/* The lowest heap of the arena at an address, or NULL. */
static struct arena_heap *find_arena(const struct arena_index *index, uint64_t address)
{
	size_t low = 0;
	size_t high = index->n;

	/* Most words are not an arena's address, which is right after a heap's header. */
	if (!arena_may_be_at(address, index->room))
		return NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->heaps[middle]->arena < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < index->n && index->heaps[low]->arena == address ? index->heaps[low] : NULL;
}

/* Returns how many were read; *ret_next is the first thread that was not looked at. */
static size_t read_variables(struct source *source, const struct facts *facts, struct variables *all,
			     size_t *ret_next)
{
	size_t next = 0;
	size_t n = 0;

	for (size_t i = 0; i < facts->n_threads; i++)
		facts->threads[i].arena = UNKNOWN;
	for (; next < facts->n_threads && n < VOTERS_MAX; next++) {
		uint64_t control = facts->threads[next].control;

		all[n].thread = &facts->threads[next];
		memset(all[n].words, 0, sizeof(all[n].words));
		if (control != UNKNOWN && control > VARIABLES &&
		    source_read_memory(source, page_floor(control, 8) - VARIABLES, all[n].words,
				       sizeof(all[n].words)) > 0)
			n++;
	}
	*ret_next = next;
	return n;
}

/* The word that a thread has at the offset which was found; UNKNOWN: it cannot be read. */
static uint64_t read_arena_word(struct source *source, const struct thread *thread, size_t word)
{
	uint64_t base = page_floor(thread->control, 8) - VARIABLES;
	uint64_t value;

	if (thread->control == UNKNOWN || thread->control <= VARIABLES ||
	    source_read_memory(source, base + 8 * word, &value, sizeof(value)) != sizeof(value))
		return UNKNOWN;
	return value;
}

static void add_user(const struct arena_index *index, struct thread *thread, uint64_t arena)
{
	struct arena_heap *first = find_arena(index, arena);

	thread->arena = arena;
	if (first)
		first->tid = first->n_users++ == 0 ? thread->tid : NO_TID;
}

static bool is_same_word(const struct arena_index *index, const struct variables *all, size_t n, size_t a,
			 size_t b)
{
	for (size_t i = 0; i < n; i++)
		if (find_arena(index, all[i].words[a]) != find_arena(index, all[i].words[b]))
			return false;
	return true;
}

/*
 * The word in which most threads have an arena; N_WORDS if several have as many. A copy that all
 * threads happen to have in the same place on their stacks says the same and does no harm.
 */
static size_t find_arena_word(const struct arena_index *index, const struct variables *all, size_t n)
{
	bool is_unclear = false;
	size_t best = 0;
	size_t most = 0;

	for (size_t word = 0; word < N_WORDS; word++) {
		size_t hits = 0;

		for (size_t i = 0; i < n; i++)
			hits += find_arena(index, all[i].words[word]) != NULL;
		if (hits > 0 && hits == most && !is_same_word(index, all, n, word, best))
			is_unclear = true;
		if (hits > most) {
			most = hits;
			best = word;
			is_unclear = false;
		}
	}
	/* Leftovers on a few threads' stacks prove nothing. */
	return 2 * most >= n && most > 0 && !is_unclear ? best : N_WORDS;
}

static void find_users(struct source *source, struct facts *facts)
{
	_cleanup_free_ struct variables *all = mem_array(MIN(facts->n_threads, VOTERS_MAX) + 1, sizeof(*all));
	size_t next;
	size_t n = read_variables(source, facts, all, &next);
	struct arena_index index;
	size_t word;

	index_arenas(facts, &index);
	word = find_arena_word(&index, all, n);
	for (size_t i = 0; i < n && word < N_WORDS; i++)
		add_user(&index, all[i].thread, all[i].words[word]);
	for (size_t i = next; i < facts->n_threads && word < N_WORDS; i++)
		add_user(&index, &facts->threads[i], read_arena_word(source, &facts->threads[i], word));
	/* Further heaps of an arena have the same users as its first. */
	for (size_t i = 0; i < facts->n_heaps; i++)
		facts->heaps[i].tid = find_arena(&index, facts->heaps[i].arena)->tid;
	free(index.heaps);
}

void read_heaps(struct source *source, struct facts *facts, bool want_users)
{
	uint64_t room = arena_room(facts->word_size);
	size_t looks = 0;

	for (size_t i = 0; i < facts->n_mappings; i++) {
		const struct mapping *m = &facts->mappings[i];

		if (is_nameless(facts, m) && (m->perms & (PERM_R | PERM_W)) == (PERM_R | PERM_W))
			read_mapping(source, facts, m, room, &looks);
	}
	/* If no mapping contains a place where a heap may begin, there is none. */
	if (looks == 0)
		facts->knows_heaps = true;
	if (looks >= LOOKS_MAX)
		facts->knows_heaps = false;
	if (want_users && facts->n_heaps > 0)
		find_users(source, facts);
}
