/* SPDX-License-Identifier: MIT */
#include "heap/read_heap.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/loop.h"
#include "base/mem.h"
#include "heap/mmapped_blocks.h"
#include "heap/other_allocators.h"
#include "heap/read_arena.h"
#include "heap/thread_caches.h"

#define MAINS_MAX 16
#define TRIES 8 /* to find an arena */

/*
 * Steps along chains of arenas, in all tries: data that looks like many main arenas must not take
 * hours. A process may have 65,530 mappings, and so fewer arenas, unless root changes that.
 */
#define STEPS_MAX ((size_t)TRIES << 16)

struct main_arena {
	struct malloc_layout layout;
	uint64_t address;
	bool is_empty; /* it has no memory yet */
};

struct reader {
	struct heap_reader all;
	struct main_arena mains[MAINS_MAX];
	size_t n_mains;
	bool has_more_mains;
	bool is_cut; /* not all data was searched for main arenas */
	struct malloc_counters counters;
};

/* ---- arenas ---- */

struct chain {
	uint64_t *addresses; /* of arenas, the main one first */
	size_t n, cap;
};

static void note_unread(const struct reader *reader, uint64_t address)
{
	notes_warn(reader->all.notes, "heap-unread", "the arena at %" PRIx64 " could not be read", address);
}

/* Leaves each arena of a chain that ends in a loop of `length` arenas once. */
static void cut_loop(struct chain *chain, size_t length)
{
	size_t n = length;

	while (n < chain->n && chain->addresses[n] != chain->addresses[n - length])
		n++;
	chain->n = n;
}

/* A process may change the chain so that it leads into a loop without the main arena. */
static void list_chain(struct reader *reader, const struct main_arena *main, struct chain *chain)
{
	struct malloc_state state = { .next = main->address };
	struct loop loop = { 0 };
	bool is_loop;

	heap_memory_forget(&reader->all.memory);
	do {
		if (!malloc_state_read(&reader->all.memory, &main->layout, state.next, &state)) {
			note_unread(reader, state.address);
			return;
		}
		mem_grow(chain->addresses, chain->n, chain->cap);
		chain->addresses[chain->n++] = state.address;
		if (state.next == main->address)
			return;
		is_loop = loop_comes_round(&loop, state.next);
	} while (!is_loop && chain->n < STEPS_MAX);
	if (is_loop)
		cut_loop(chain, loop_length(&loop));
	notes_warn(reader->all.notes, "heap-moving",
		   "the chain of arenas changed while it was read: some may be missing");
}

/* Reading arenas takes long, so the chain is listed first: meanwhile, it could lead to the same ones again. */
static void read_chain(struct reader *reader, const struct main_arena *main)
{
	struct chain chain = { 0 };

	list_chain(reader, main, &chain);
	for (size_t i = 0; i < chain.n; i++) {
		struct malloc_state state;

		if (malloc_state_read(&reader->all.memory, &main->layout, chain.addresses[i], &state))
			read_arena(&reader->all, &main->layout, i == 0 ? ARENA_MAIN : ARENA_OF_THREADS,
				   &state);
		else
			note_unread(reader, chain.addresses[i]);
	}
	free(chain.addresses);
}

/* ---- all of it ---- */

static struct main_arena *find_empty(struct reader *reader)
{
	for (size_t i = 0; i < reader->n_mains; i++)
		if (reader->mains[i].is_empty)
			return &reader->mains[i];
	return NULL;
}

/* Other variables may look like arenas that have no memory yet: those come last if there are too many. */
static void add_main(void *context, const struct malloc_layout *layout, const struct malloc_state *state)
{
	const struct main_arena new = { *layout, state->address, state->system == 0 };
	struct reader *reader = context;
	struct main_arena *empty;

	for (size_t i = 0; i < reader->n_mains; i++)
		if (reader->mains[i].address == new.address)
			return;
	if (reader->n_mains < MAINS_MAX) {
		reader->mains[reader->n_mains++] = new;
		return;
	}
	reader->has_more_mains = true;
	empty = new.is_empty ? NULL : find_empty(reader);
	if (empty)
		*empty = new;
}

/* A main arena may change so fast that it makes no sense for a moment. */
static void find_mains(struct reader *reader)
{
	struct heap_memory *memory = &reader->all.memory;
	bool looks_like_one = true;
	struct arena_limits limits = { .steps = STEPS_MAX };

	for (unsigned i = 0; i < TRIES && looks_like_one && reader->n_mains == 0; i++) {
		if (i > 0)
			heap_memory_wait(memory, i - 1);
		heap_memory_forget(memory);
		looks_like_one = find_main_arenas(memory, reader->all.space, &limits, add_main, reader);
	}
	reader->is_cut = limits.is_cut;
	if (limits.steps == 0 || reader->has_more_mains)
		notes_warn(reader->all.notes, "heap-unread",
			   "too many places look like arenas of glibc's malloc: some may be missing");
}

static void take_mapped(void *context, const struct heap_block *found)
{
	const struct reader *reader = context;
	struct heap_block block = *found;

	block.arena = (uint32_t)reader->all.heap->n_arenas - 1;
	if (reader->all.take)
		reader->all.take(reader->all.context, &block);
}

static void read_mapped(struct reader *reader)
{
	struct heap_memory *memory = &reader->all.memory;
	struct heap_arena *arena = heap_add_arena(reader->all.heap, ARENA_MAPPED, UNKNOWN);

	heap_memory_forget(memory);
	for (size_t i = 0; i < reader->n_mains; i++) {
		const struct main_arena *main = &reader->mains[i];
		struct malloc_state state;

		if (malloc_state_read(memory, &main->layout, main->address, &state))
			malloc_counters_find(memory, reader->all.space, &state, &reader->counters);
		else
			reader->counters.is_missing = true;
	}
	read_mapped_blocks(memory, reader->all.space, &reader->counters, arena, take_mapped, reader,
			   reader->all.notes);
}

static void note_others(const struct reader *reader)
{
	const struct heap *heap = reader->all.heap;
	const char *others = heap->others;

	if (!heap->is_missing && others)
		notes_add(reader->all.notes, "heap-other", "heap of %s: not looked into", others);
	else if (others)
		notes_warn(reader->all.notes, "heap-other", "heap of %s: not looked into", others);
	else if (heap->is_missing)
		notes_warn(
			reader->all.notes, "heap-unknown",
			reader->all.space->facts.core.missing > 0 ?
				"no arena of glibc's malloc was found in the memory that the core file has" :
			reader->is_cut ?
				"no arena of glibc's malloc was found in the first 64 MiB of each module's data" :
				"no arena of glibc's malloc was found: this heap is not known");
}

/* Older kernels tell which pages are zero pages only to those who may see page frame numbers. */
static void note_unclear(const struct reader *reader)
{
	if (reader->all.memory.had_unclear)
		notes_warn(
			reader->all.notes, "heap-zero-pages",
			"pages of the heap may be resident, or read but never written to: only root sees which");
}

static void note_cached(const struct reader *reader)
{
	const struct cached_blocks *cached = &reader->all.cached;

	if (cached->is_tangled)
		notes_warn(
			reader->all.notes, "heap-corrupt",
			"lists of cached blocks lead to the same blocks again and again: some blocks may seem to be in use");
	if (cached->is_full)
		notes_warn(reader->all.notes, "heap-unread",
			   "there are more than %zu cached blocks: others seem to be in use",
			   cached->starts.n);
}

void read_heap(struct source *source, const struct space *space, take_block_fn *take, void *context,
	       struct heap *ret, struct notes *notes)
{
	struct reader reader = {
		.all = { .space = space, .heap = ret, .notes = notes, .take = take, .context = context },
	};

	*ret = (struct heap){ .others = find_other_allocators(space) };
	if (space->facts.word_size != 0) {
		heap_memory_init(&reader.all.memory, source, &space->facts);
		find_mains(&reader);
		for (size_t i = 0; i < reader.n_mains; i++)
			read_chain(&reader, &reader.mains[i]);
		if (reader.n_mains > 0) {
			read_thread_caches(&reader.all, &reader.mains[0].layout);
			read_mapped(&reader);
		}
		note_cached(&reader);
		note_unclear(&reader);
		heap_memory_done(&reader.all.memory);
	}
	ret->is_missing = ret->n_arenas == 0;
	heap_add_up(ret);
	note_others(&reader);
	address_set_done(&reader.all.cached.starts);
	free(reader.all.walked);
	free(reader.all.caches);
}

void read_mapped_heap(struct source *source, const struct space *space, take_block_fn *take, void *context,
		      struct heap *ret, struct notes *notes)
{
	struct reader reader = {
		.all = { .space = space, .heap = ret, .notes = notes, .take = take, .context = context },
	};

	*ret = (struct heap){ 0 };
	heap_memory_init(&reader.all.memory, source, &space->facts);
	find_mains(&reader);
	if (reader.n_mains > 0)
		read_mapped(&reader);
	heap_memory_done(&reader.all.memory);
}
