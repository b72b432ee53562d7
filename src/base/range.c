/* SPDX-License-Identifier: MIT */
#include "base/range.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static uint64_t *range_at(void *items, size_t size, size_t i)
{
	return (void *)((char *)items + i * size);
}

static const uint64_t *const_range_at(const void *items, size_t size, size_t i)
{
	return (const void *)((const char *)items + i * size);
}

/* ---- sort ---- */

struct key {
	uint64_t start;
	size_t i;
};

static int compare_keys(const void *a, const void *b)
{
	const struct key *x = a;
	const struct key *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->i > y->i) - (x->i < y->i);
}

static bool is_sorted(const void *items, size_t n, size_t size)
{
	for (size_t i = 1; i < n; i++)
		if (*const_range_at(items, size, i - 1) > *const_range_at(items, size, i))
			return false;
	return true;
}

/* qsort(3) is not stable: the index is part of the key. */
void range_sort(void *items, size_t n, size_t size)
{
	_cleanup_free_ struct key *keys = NULL;
	_cleanup_free_ void *copy = NULL;

	if (is_sorted(items, n, size))
		return;
	keys = mem_array(n, sizeof(*keys));
	copy = mem_copy(items, n * size);
	for (size_t i = 0; i < n; i++)
		keys[i] = (struct key){ *const_range_at(items, size, i), i };
	qsort(keys, n, sizeof(*keys), compare_keys);
	for (size_t i = 0; i < n; i++)
		memcpy(range_at(items, size, i), const_range_at(copy, size, keys[i].i), size);
}

/* ---- cut ---- */

bool range_are_disjoint(const void *items, size_t n, size_t size)
{
	for (size_t i = 1; i < n; i++)
		if (const_range_at(items, size, i - 1)[1] > *const_range_at(items, size, i))
			return false;
	return true;
}

static void swap_bytes(char *a, char *b, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char byte = a[i];

		a[i] = b[i];
		b[i] = byte;
	}
}

/* Whether item `i` stays. `end`: the end of all items before it that count. */
static bool stays(const void *items, size_t n, size_t size, size_t i, uint64_t end, enum range_policy policy)
{
	const uint64_t *range = const_range_at(items, size, i);
	uint64_t next = i + 1 < n ? *const_range_at(items, size, i + 1) : UINT64_MAX;

	return range[0] >= end && (policy == RANGE_FIRST_WINS || range[1] <= next);
}

size_t range_cut(void *items, size_t n, size_t size, enum range_policy policy)
{
	uint64_t end = 0;
	size_t n_left = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t its_end = range_at(items, size, i)[1];
		bool is_left = stays(items, n, size, i, end, policy);

		if (is_left || policy == RANGE_NONE_WINS)
			end = MAX(end, its_end);
		if (!is_left)
			continue;
		if (n_left < i)
			swap_bytes((char *)range_at(items, size, n_left), (char *)range_at(items, size, i),
				   size);
		n_left++;
	}
	return n_left;
}

/* ---- split ---- */

/* The original items, those of them that have begun and not ended, and the pieces made so far. */
struct splitter {
	const void *items;
	size_t size;
	size_t *open; /* the innermost one last */
	size_t n_open;
	uint64_t at; /* all addresses below are done */
	void *pieces;
	size_t n_pieces;
};

static const uint64_t *innermost(const struct splitter *s)
{
	return const_range_at(s->items, s->size, s->open[s->n_open - 1]);
}

/* Adds a piece of the innermost open item. */
static void add_piece(struct splitter *s, uint64_t end)
{
	uint64_t *piece = range_at(s->pieces, s->size, s->n_pieces);

	if (s->at >= end)
		return;
	memcpy(piece, innermost(s), s->size);
	piece[0] = s->at;
	piece[1] = end;
	s->at = end;
	s->n_pieces++;
}

static void go_to(struct splitter *s, uint64_t addr)
{
	for (; s->n_open > 0 && innermost(s)[1] <= addr; s->n_open--)
		add_piece(s, innermost(s)[1]);
	if (s->n_open > 0)
		add_piece(s, addr);
	s->at = addr;
}

/* Opens an item inside all that are open, except for shorter ones with the same start. */
static void open_range(struct splitter *s, size_t i)
{
	const uint64_t *range = const_range_at(s->items, s->size, i);
	size_t at = s->n_open++;

	for (; at > 0; at--) {
		const uint64_t *outer = const_range_at(s->items, s->size, s->open[at - 1]);

		if (outer[0] < range[0] || outer[1] >= range[1])
			break;
		s->open[at] = s->open[at - 1];
	}
	s->open[at] = i;
}

size_t range_split(void *items, size_t n, size_t size)
{
	_cleanup_free_ void *copy = NULL;
	_cleanup_free_ size_t *open = NULL;
	struct splitter s = { .size = size, .pieces = items };

	s.items = copy = mem_copy(items, n * size);
	s.open = open = mem_array(n, sizeof(*open));
	for (size_t i = 0; i < n; i++) {
		go_to(&s, *const_range_at(copy, size, i));
		open_range(&s, i);
	}
	go_to(&s, UINT64_MAX);
	return s.n_pieces;
}

/* ---- overlay ---- */

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t *x = a;
	const uint64_t *y = b;

	return (*x > *y) - (*x < *y);
}

#define NO_OWNER SIZE_MAX

/* Between two neighbouring edges of items is a slot, which belongs to the last item that covers it. */
struct slots {
	uint64_t *edges; /* sorted, without duplicates */
	size_t *owners;
	size_t *next; /* itself while the slot is free, else one nearer to the next free slot */
	size_t n;
};

static size_t drop_repeated(uint64_t *numbers, size_t n)
{
	size_t n_left = 0;

	for (size_t i = 0; i < n; i++)
		if (n_left == 0 || numbers[n_left - 1] != numbers[i])
			numbers[n_left++] = numbers[i];
	return n_left;
}

static struct slots make_slots(const void *items, size_t n, size_t size)
{
	struct slots slots = {
		.edges = mem_array(2 * n, sizeof(*slots.edges)),
		.owners = mem_array(2 * n, sizeof(*slots.owners)),
		.next = mem_array(2 * n, sizeof(*slots.next)),
		.n = 2 * n,
	};

	for (size_t i = 0; i < n; i++)
		memcpy(slots.edges + 2 * i, const_range_at(items, size, i), 2 * sizeof(uint64_t));
	qsort(slots.edges, slots.n, sizeof(*slots.edges), compare_numbers);
	slots.n = drop_repeated(slots.edges, slots.n);
	for (size_t i = 0; i < slots.n; i++) {
		slots.owners[i] = NO_OWNER;
		slots.next[i] = i;
	}
	return slots;
}

static size_t find_free(struct slots *slots, size_t i)
{
	while (i < slots->n && slots->next[i] != i) {
		size_t after = slots->next[i];

		if (after < slots->n)
			slots->next[i] = slots->next[after];
		i = after;
	}
	return i;
}

static void take_slots(struct slots *slots, const uint64_t *range, size_t owner)
{
	size_t i = find_free(slots, address_find(slots->edges, slots->n, range[0]));

	for (; i < slots->n && slots->edges[i] < range[1]; i = find_free(slots, i)) {
		slots->owners[i] = owner;
		slots->next[i] = i + 1;
	}
}

/* Makes one piece of each run of slots with the same owner. */
static size_t make_pieces(const struct slots *slots, const void *items, size_t size, void *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < slots->n; i++) {
		size_t owner = slots->owners[i];
		uint64_t *piece = range_at(ret, size, n);

		if (owner == NO_OWNER)
			continue;
		if (i > 0 && slots->owners[i - 1] == owner) {
			range_at(ret, size, n - 1)[1] = slots->edges[i + 1];
			continue;
		}
		memcpy(piece, const_range_at(items, size, owner), size);
		piece[0] = slots->edges[i];
		piece[1] = slots->edges[i + 1];
		n++;
	}
	return n;
}

size_t range_overlay(void *items, size_t n, size_t size)
{
	_cleanup_free_ void *copy = mem_copy(items, n * size);
	struct slots slots = make_slots(copy, n, size);
	size_t n_pieces;

	for (size_t i = n; i-- > 0;)
		take_slots(&slots, const_range_at(copy, size, i), i);
	n_pieces = make_pieces(&slots, copy, size, items);
	free(slots.edges);
	free(slots.owners);
	free(slots.next);
	return n_pieces;
}

size_t range_end_at(void *items, size_t n, size_t size, uint64_t addr)
{
	while (n > 0 && range_at(items, size, n - 1)[0] >= addr)
		n--;
	if (n > 0)
		range_at(items, size, n - 1)[1] = MIN(range_at(items, size, n - 1)[1], addr);
	return n;
}
