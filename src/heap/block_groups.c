/* SPDX-License-Identifier: MIT */
#include "heap/block_groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define N_SLOTS (2 * GROUPS_MAX)
#define PROBES 64 /* sizes chosen to collide are counted together */

struct counted_group {
	uint32_t class; /* NO_CLASS: grouped by size only */
	bool is_array;
	struct block_group sum;
};

void block_groups_init(struct block_groups *groups, struct source *source, const struct space *space,
		       bool wants_debuginfod)
{
	*groups = (struct block_groups){
		.slots = mem_alloc(N_SLOTS * sizeof(*groups->slots)),
		.others = { { .size = UNKNOWN, .holder = UNKNOWN }, { .size = UNKNOWN } },
		.total = { .size = UNKNOWN, .sample = UNKNOWN, .holder = UNKNOWN },
	};
	classes_init(&groups->classes, source, space, wants_debuginfod);
}

void block_groups_done(struct block_groups *groups)
{
	classes_done(&groups->classes);
	free(groups->items);
	free(groups->slots);
	*groups = (struct block_groups){ 0 };
}

/* ---- counting ---- */

static bool is_held(const struct block_group *group)
{
	return group->holder != UNKNOWN;
}

static bool is_kind(const struct counted_group *group, const struct counted_group *kind)
{
	return group->class == kind->class && group->is_array == kind->is_array &&
	       group->sum.size == kind->sum.size && is_held(&group->sum) == is_held(&kind->sum);
}

/* The group that counts blocks of a kind. `kind` is an empty group of these. */
static struct block_group *group_of(struct block_groups *groups, const struct counted_group *kind)
{
	struct block_group *others = &groups->others[is_held(&kind->sum)];
	uint64_t hash = (kind->sum.size + kind->class * UINT64_C(0x9e3779b97f4a7c15) + kind->is_array +
			 2 * is_held(&kind->sum)) *
			UINT64_C(0xff51afd7ed558ccd);

	for (size_t i = 0; i < PROBES; i++) {
		uint32_t *slot = &groups->slots[((hash >> 40) + i) % N_SLOTS];

		if (*slot == 0 && groups->n == GROUPS_MAX)
			return others;
		if (*slot == 0) {
			mem_grow(groups->items, groups->n, groups->cap);
			groups->items[groups->n++] = *kind;
			*slot = (uint32_t)groups->n;
		}
		if (is_kind(&groups->items[*slot - 1], kind))
			return &groups->items[*slot - 1].sum;
	}
	return others;
}

static void count(struct block_group *group, uint64_t size, uint64_t sample, uint64_t holder)
{
	if (group->blocks == 0) {
		group->sample = sample;
		group->holder = holder;
	}
	group->blocks++;
	group->bytes += size;
}

static uint64_t read_word(struct heap_memory *memory, uint64_t addr)
{
	uint64_t word;

	if (addr >= memory->start && addr < memory->end)
		return heap_memory_word(memory, addr, &word) ? word : 0;
	return heap_memory_peek(memory, addr, &word) ? word : 0;
}

void block_groups_add(struct block_groups *groups, const struct heap_block *block, uint64_t holder)
{
	struct heap_memory *memory = &groups->classes.memory;
	uint64_t user = block->start + 2 * memory->word_size;
	uint64_t size = block->end - block->start;
	struct counted_group kind = { .sum = { .size = size, .holder = holder } };
	uint64_t words[2];

	words[0] = read_word(memory, user);
	words[1] = read_word(memory, user + memory->word_size);
	kind.class = classes_of(&groups->classes, block, words, &kind.is_array);
	count(group_of(groups, &kind), size, user, holder);
	groups->total.blocks++;
	groups->total.bytes += size;
}

/* ---- the result ---- */

static int compare(const void *a, const void *b)
{
	const struct block_group *x = a;
	const struct block_group *y = b;
	int order = block_group_compare(x, y);

	if (order == 0)
		order = is_held(x) - is_held(y);
	return order ? order : (x->sample > y->sample) - (x->sample < y->sample);
}

static bool is_same(const struct block_group *a, const struct block_group *b)
{
	return block_group_compare(a, b) == 0 && is_held(a) == is_held(b);
}

/* The array of one class may have the name of another: "operator delete", "operator delete[]". */
static void join_same(struct block_list *list)
{
	size_t n = 0;

	if (list->n_groups > 0)
		mem_sort(list->groups, list->n_groups, sizeof(*list->groups), compare);
	for (size_t i = 0; i < list->n_groups; i++) {
		if (n > 0 && is_same(&list->groups[n - 1], &list->groups[i])) {
			list->groups[n - 1].blocks += list->groups[i].blocks;
			list->groups[n - 1].bytes += list->groups[i].bytes;
			continue;
		}
		list->groups[n++] = list->groups[i];
	}
	list->n_groups = n;
}

/* The names of the classes, and room after them for the names of arrays of each, made when needed. */
static char **take_names(struct classes *classes)
{
	size_t n = classes->n_names;
	char **names = mem_alloc((2 * n + 1) * sizeof(*names));

	for (size_t i = 0; i < n; i++) {
		names[i] = classes->names[i];
		classes->names[i] = NULL;
	}
	return names;
}

static const char *name_group(const struct block_list *list, const struct counted_group *group)
{
	size_t i = group->class;
	size_t array = list->n_names / 2 + i;

	if (group->class == NO_CLASS)
		return NULL;
	if (!group->is_array)
		return list->names[i];
	if (!list->names[array])
		list->names[array] = mem_format("%s[]", list->names[i]);
	return list->names[array];
}

void block_groups_finish(struct block_groups *groups, struct block_list *ret)
{
	*ret = (struct block_list){
		.groups = mem_array(groups->n + ARRAY_SIZE(groups->others), sizeof(*ret->groups)),
		.n_groups = groups->n,
		.total = groups->total,
		.names = take_names(&groups->classes),
		.n_names = 2 * groups->classes.n_names,
	};
	for (size_t i = 0; i < groups->n; i++) {
		ret->groups[i] = groups->items[i].sum;
		ret->groups[i].class_name = name_group(ret, &groups->items[i]);
	}
	join_same(ret);
	for (size_t i = 0; i < ARRAY_SIZE(groups->others); i++)
		if (groups->others[i].blocks > 0)
			ret->groups[ret->n_groups++] = groups->others[i];
}

/* Covers a span up to the first words of its last block, which may be large. */
static void cover_span(struct block_groups *groups, const struct block_index *index,
		       const struct block_span *span)
{
	struct heap_memory *memory = &groups->classes.memory;
	uint64_t last = span->start + span->last * index->place_size;

	heap_memory_cover(memory, page_floor(span->start, memory->page_size),
			  page_ceil(MIN(last + 4 * memory->word_size, span->end), memory->page_size));
}

void read_blocks(struct source *source, const struct space *space, bool wants_debuginfod, struct heap *heap,
		 struct block_list *ret, struct notes *notes)
{
	struct block_place place = { 0 };
	struct block_groups groups;
	struct block_index index;
	struct heap_block block;
	size_t covered = SIZE_MAX;

	block_index_read(source, space, heap, &index, notes);
	if (!heap->is_missing) {
		block_groups_init(&groups, source, space, wants_debuginfod);
		while (block_index_next(&index, &place, &block)) {
			if (place.span != covered)
				cover_span(&groups, &index, &index.spans[place.span]);
			covered = place.span;
			block_groups_add(&groups, &block, UNKNOWN);
		}
		source_release_process(source);
		symbolizer_note(&groups.classes.symbols, notes);
		classes_note(&groups.classes, notes);
		block_groups_finish(&groups, ret);
		block_groups_done(&groups);
	}
	block_index_done(&index);
}
