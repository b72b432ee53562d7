/* SPDX-License-Identifier: MIT */
/* The arenas of malloc in a snapshot. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "snapshot/target.h"
#include "views/rows.h"
#include "views/views.h"

/* More than any process has, and few enough to be added up. */
#define ARENAS_MAX (1u << 16)
#define ARENA_SYSTEM_MAX (UINT64_C(1) << 47)

static struct heap_arena *last_arena(struct target_reader *reader)
{
	struct heap *heap = &reader->space->answers.heap;

	return &heap->arenas[heap->n_arenas - 1];
}

/* The name is a word or an address. */
static int take_arena_name(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;
	struct heap_arena *arena = last_arena(reader);
	const char *text =
		json_is_string(value->json) ? reader->document->lib->json_string_value(value->json) : "";

	if (strcmp(text, "main") == 0)
		arena->kind = ARENA_MAIN;
	else if (strcmp(text, "mmap") == 0)
		arena->kind = ARENA_MAPPED;
	else
		return keys_address(reader->document, value->json, &arena->address, err);
	return 0;
}

static int take_tids(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;
	const struct jansson *lib = reader->document->lib;
	struct heap_arena *arena = last_arena(reader);

	if (json_is_null(value->json))
		return 0;
	if (!json_is_array(value->json))
		return document_refuse(reader->document, err, "not a list");
	arena->n_tids = lib->json_array_size(value->json);
	arena->tids = mem_array(arena->n_tids + 1, sizeof(*arena->tids));
	for (size_t i = 0; i < arena->n_tids; i++) {
		const json_t *tid = lib->json_array_get(value->json, i);
		int64_t number = json_is_integer(tid) ? lib->json_integer_value(tid) : 0;

		if (number <= 0 || number > INT32_MAX)
			return document_refuse(reader->document, err, "not the ID of a thread");
		arena->tids[i] = (int32_t)number;
	}
	return 0;
}

/* Figures from pages are all known or none is; older snapshots have no `spare`. They are added up, too. */
static bool has_sound_pages(const struct heap_arena *arena)
{
	const uint64_t parts[] = { arena->returnable, arena->pinned, known_or_zero(arena->spare) };

	if (arena->resident == UNKNOWN)
		return arena->returnable == UNKNOWN && arena->pinned == UNKNOWN && arena->spare == UNKNOWN;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i] > ARENA_SYSTEM_MAX)
			return false;
	return arena->resident <= ARENA_SYSTEM_MAX;
}

/* Checks that the parts fit into the total, and takes the rest as not walked. */
static int check_arena(struct target_reader *reader, struct heap_arena *arena, struct error *err)
{
	const uint64_t parts[] = { arena->used, arena->cached, arena->free, arena->top };
	uint64_t rest = arena->system;

	if (arena->heaps == UNKNOWN || arena->blocks == UNKNOWN || arena->walked == UNKNOWN ||
	    rest > ARENA_SYSTEM_MAX)
		return document_refuse(reader->document, err, "null, or more than any arena has");
	if (!has_sound_pages(arena))
		return document_refuse(reader->document, err,
				       "resident, returnable and pinned must all be known, or none");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (parts[i] > rest)
			return document_refuse(reader->document, err, "its parts exceed its total");
		rest -= parts[i];
	}
	arena->unwalked = rest;
	return 0;
}

int take_arena(struct target_reader *reader, const json_t *json, struct error *err)
{
	static const struct taker takers[] = { { "arena", take_arena_name },
					       { "tids", take_tids },
					       { NULL } };
	static struct keys keys;
	struct heap *heap = &reader->space->answers.heap;
	struct arena_row row;
	int r;

	if (keys.n == 0)
		keys_init(&keys, view_heap.record, takers, ",spare,");
	if (heap->n_arenas >= ARENAS_MAX)
		return document_refuse(reader->document, err, "more arenas than any process has");
	mem_grow(heap->arenas, heap->n_arenas, heap->cap_arenas);
	heap->arenas[heap->n_arenas++] =
		(struct heap_arena){ .kind = ARENA_OF_THREADS, .address = UNKNOWN, .spare = UNKNOWN };
	row.arena = last_arena(reader);
	r = keys_read(&keys, reader->document, json, reader, &row, err);
	return r < 0 ? r : check_arena(reader, last_arena(reader), err);
}

void settle_heap(struct target_reader *reader)
{
	struct heap *heap = &reader->space->answers.heap;

	reader->space->answers.leaks.is_missing = reader->request->needs & NEED_LEAKS;
	note_unsaved(reader, NEED_LEAKS, "snapshot-leaks",
		     "no leaks: a snapshot has no memory to look for pointers in");
	if (!(reader->request->needs & NEED_HEAP))
		return;
	heap_add_up(heap);
	heap->is_missing = !has_answer(reader, NEED_HEAP);
	note_unsaved(reader, NEED_HEAP, "snapshot-heap",
		     "no heap: it was not saved; --heap with --json saves it");
}
