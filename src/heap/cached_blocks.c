/* SPDX-License-Identifier: MIT */
#include "heap/cached_blocks.h"

#include <string.h>

#include "base/loop.h"
#include "base/mem.h"
#include "base/range.h"

#define BLOCKS_MAX (1u << 26)
#define AGAIN_MIN (1u << 16) /* threads move blocks from list to list while these are read */
#define SIZE_MASK (~UINT64_C(7))

/* struct tcache_perthread_struct: counts, and then as many heads of lists. */
struct cache_shape {
	size_t word_size;
	uint64_t size;	 /* of the block that holds it */
	uint64_t counts; /* bytes of the counts */
	size_t n;	 /* number of lists */
};

static const struct cache_shape shapes[] = {
	{ 8, 0x250, 64, 64 },  /* 2.26 to 2.29 */
	{ 8, 0x290, 128, 64 }, /* 2.30 to 2.41 */
	{ 8, 0x300, 152, 76 }, /* 2.42 */
	{ 4, 0x150, 64, 64 },  { 4, 0x190, 128, 64 }, { 4, 0x1d0, 152, 76 },
};

#define N_SMALL 64 /* lists of one size each */
#define N_LISTS_MAX 76

static const struct cache_shape *find_shape(const struct malloc_layout *layout, uint64_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++)
		if (shapes[i].word_size == layout->word_size && shapes[i].size == size)
			return &shapes[i];
	return NULL;
}

bool cache_has_size(const struct malloc_layout *layout, uint64_t size)
{
	return find_shape(layout, size) != NULL;
}

/* ---- a list ---- */

static bool may_hold(const struct cache_lists *lists, uint64_t start, uint64_t *ret_size)
{
	return (start + 2 * lists->layout->word_size) % (2 * lists->layout->word_size) == 0 &&
	       heap_memory_peek(lists->memory, start + lists->layout->word_size, ret_size) &&
	       lists->may_hold(lists->context, start, *ret_size &= SIZE_MASK);
}

/*
 * Adds a block. False: no more may follow. Any number of lists may lead into a long one, so that
 * together they would have far more blocks than there are.
 */
static bool add(struct cache_lists *lists, uint64_t start)
{
	struct cached_blocks *all = lists->all;

	if (!address_set_add(&all->starts, start) && all->n_again++ >= AGAIN_MIN + all->starts.n / 4) {
		all->is_tangled = true;
		return false;
	}
	mem_grow(lists->starts, lists->n, lists->cap);
	lists->starts[lists->n++] = start;
	all->is_full |= all->starts.n >= BLOCKS_MAX;
	return !all->is_full;
}

/*
 * The link at `place`, which since glibc 2.32 is mangled with its own address. 0: the end of the
 * list, or not a possible link. `ahead`: how far links point past a block's start.
 */
static uint64_t read_link(const struct cache_lists *lists, uint64_t place, uint64_t ahead, uint64_t wanted)
{
	uint64_t raw;
	uint64_t size;
	uint64_t mangled;

	if (!heap_memory_peek(lists->memory, place, &raw))
		return 0;
	mangled = raw ^ (place >> 12);
	if (mangled == 0 || raw == 0)
		return 0;
	if (mangled > ahead && may_hold(lists, mangled - ahead, &size) && (wanted == 0 || size == wanted))
		return mangled;
	return raw > ahead && may_hold(lists, raw - ahead, &size) && (wanted == 0 || size == wanted) ? raw :
												       0;
}

/*
 * Adds the blocks of a list. `first` points `ahead` bytes past a block's start; the next link is
 * two words past it.
 */
static void follow(struct cache_lists *lists, uint64_t first, uint64_t ahead, uint64_t wanted)
{
	struct loop loop = { 0 };

	while (first != 0 && !loop_comes_round(&loop, first) && add(lists, first - ahead))
		first = read_link(lists, first - ahead + 2 * lists->layout->word_size, ahead, wanted);
}

void cache_read_fast(struct cache_lists *lists, const struct malloc_state *state)
{
	for (size_t i = 0; i < state->n_fast; i++) {
		uint64_t wanted = malloc_fast_size(lists->layout, i);
		uint64_t size;

		if (state->fast[i] && may_hold(lists, state->fast[i], &size) && size == wanted)
			follow(lists, state->fast[i], 0, wanted);
	}
}

/* ---- a thread's cache ---- */

static bool has_size_of_list(const struct malloc_layout *layout, size_t i, uint64_t size)
{
	uint64_t least = malloc_min_size(layout);

	if (i >= N_SMALL)
		return size > least + 16 * (N_SMALL - 1);
	return size == least + 16 * i || (layout->word_size == 4 && size == least + 8 * i);
}

/* In a cache, each list is empty or begins with a block of its size: nothing else looks like that. */
static bool is_list(const struct cache_lists *lists, size_t i, uint64_t head)
{
	uint64_t ahead = 2 * lists->layout->word_size;
	uint64_t size;

	return head == 0 || (head >= ahead && may_hold(lists, head - ahead, &size) &&
			     has_size_of_list(lists->layout, i, size));
}

static uint64_t place_of_head(const struct cache_shape *shape, uint64_t start, size_t i)
{
	return start + 2 * shape->word_size + shape->counts + i * shape->word_size;
}

/* Looks at lists from one on, up or down, until one is not empty. Whether that is possible in a cache. */
static bool may_have_list(const struct cache_lists *lists, const struct cache_shape *shape, uint64_t start,
			  size_t i, size_t step)
{
	uint64_t head = 0;

	for (; i < shape->n && head == 0; i += step)
		if (!heap_memory_near(lists->memory, place_of_head(shape, start, i), &head))
			return false;
	return head != 0 && is_list(lists, i - step, head);
}

bool cache_may_have_lists(const struct cache_lists *lists, uint64_t start, uint64_t block_size)
{
	const struct cache_shape *shape = find_shape(lists->layout, block_size);

	return may_have_list(lists, shape, start, 0, 1) &&
	       may_have_list(lists, shape, start, shape->n - 1, SIZE_MAX);
}

void cache_read_thread(struct cache_lists *lists, uint64_t start, uint64_t block_size)
{
	const struct cache_shape *shape = find_shape(lists->layout, block_size);
	uint64_t ahead = 2 * shape->word_size;
	uint64_t heads[N_LISTS_MAX];

	for (size_t i = 0; i < shape->n; i++)
		if (!heap_memory_peek(lists->memory, place_of_head(shape, start, i), &heads[i]))
			return;
	for (size_t i = 0; i < shape->n; i++)
		if (!is_list(lists, i, heads[i]))
			return;
	for (size_t i = 0; i < shape->n; i++) {
		uint64_t size;

		if (heads[i] && may_hold(lists, heads[i] - ahead, &size))
			follow(lists, heads[i], ahead, i < N_SMALL ? size : 0);
	}
}

/* ---- all of them ---- */

void cache_settle(struct cache_lists *lists)
{
	size_t n = 0;

	range_sort(lists->starts, lists->n, sizeof(*lists->starts));
	for (size_t i = 0; i < lists->n; i++)
		if (n == 0 || lists->starts[n - 1] != lists->starts[i])
			lists->starts[n++] = lists->starts[i];
	lists->n = n;
}
