/* SPDX-License-Identifier: MIT */
/* The blocks of malloc's heap in a snapshot. */
#include <string.h>

#include "base/mem.h"
#include "heap/block_groups.h"
#include "snapshot/target.h"
#include "views/rows.h"
#include "views/views.h"

/* More than any process has, and few enough to be added up. */
#define BLOCK_BYTES_MAX (UINT64_C(1) << 47)

static int take_class(void *context, void *row, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;
	const struct jansson *lib = reader->document->lib;
	struct block_list *list = &reader->space->answers.blocks;
	size_t len;

	if (json_is_null(value->json))
		return 0;
	len = json_is_string(value->json) ? lib->json_string_length(value->json) : 0;
	if (len == 0)
		return document_refuse(reader->document, err, "not the name of a class");
	mem_grow(list->names, list->n_names, reader->cap_names);
	list->names[list->n_names] = mem_copy(lib->json_string_value(value->json), len);
	list->groups[((struct block_row *)row)->group - list->groups].class_name =
		list->names[list->n_names++];
	return 0;
}

/* Blocks of several sizes are of several classes, too: their group has no class. */
static bool is_sound(const struct block_group *group)
{
	if (group->blocks == 0 || group->blocks > group->bytes || group->bytes > BLOCK_BYTES_MAX ||
	    group->sample == UNKNOWN)
		return false;
	if (group->size == UNKNOWN)
		return !group->class_name;
	return group->size > 0 && group->bytes % group->size == 0 &&
	       group->bytes / group->size == group->blocks;
}

int take_block_group(struct target_reader *reader, const json_t *json, struct error *err)
{
	static const struct taker takers[] = { { "class", take_class }, { NULL } };
	static struct keys keys;
	struct block_list *list = &reader->space->answers.blocks;
	struct block_row row;
	int r;

	if (keys.n == 0)
		keys_init(&keys, view_blocks.record, takers, NULL);
	if (list->n_groups > GROUPS_MAX)
		return document_refuse(reader->document, err, "more groups of blocks than are ever shown");
	mem_grow(list->groups, list->n_groups, reader->cap_groups);
	list->groups[list->n_groups] = (struct block_group){ .holder = UNKNOWN };
	row.group = &list->groups[list->n_groups++];
	r = keys_read(&keys, reader->document, json, reader, &row, err);
	if (r == 0 && !is_sound(row.group))
		return document_refuse(reader->document, err, "not a possible group of blocks");
	return r;
}

static int compare(const void *a, const void *b)
{
	return block_group_compare(a, b);
}

int settle_blocks(struct target_reader *reader, struct error *err)
{
	struct answers *answers = &reader->space->answers;
	struct block_list *list = &answers->blocks;

	if (!(reader->request->needs & NEED_BLOCKS))
		return 0;
	answers->heap.is_missing = !has_answer(reader, NEED_BLOCKS);
	note_unsaved(reader, NEED_BLOCKS, "snapshot-blocks",
		     "no blocks: they were not saved; --blocks with --json saves them");
	if (list->n_groups > 0)
		mem_sort(list->groups, list->n_groups, sizeof(*list->groups), compare);
	list->total = (struct block_group){ .size = UNKNOWN, .sample = UNKNOWN, .holder = UNKNOWN };
	for (size_t i = 0; i < list->n_groups; i++) {
		if (i > 0 && block_group_compare(&list->groups[i - 1], &list->groups[i]) == 0)
			return document_refuse(reader->document, err, "blocks of one class and size twice");
		list->total.blocks += list->groups[i].blocks;
		list->total.bytes += list->groups[i].bytes;
	}
	return 0;
}
