/* SPDX-License-Identifier: MIT */
/*
 * One target of a snapshot while it is read: what its members contain, until all are there and fit
 * together.
 *
 * To read back the array of a view:
 * - move the row of the view to views/rows.h, where keys_read() can set fields of columns;
 * - write take_X(), which reads an element to where the view gets it from, and checks everything that the
 *   model takes for granted (order, no overlap, sums that fit), and settle_X(), which drops what was not
 *   asked for and notes what was not saved; heaps.c is the shortest example;
 * - declare both here, and use them in target.c: in members[], with the NEED_* that asks for the array,
 *   and in read_all();
 * - add the view to VIEWS in tests/snapshot/test_round_trips.py.
 * Until then its key belongs in unread_arrays[]: it is refused, with an explanation.
 */
#pragma once

#include "model/request.h"
#include "model/space.h"
#include "snapshot/document.h"
#include "snapshot/keys.h"
#include "source/source.h"

/* A region as it is in the document; the first two members are its range. */
struct saved_region {
	struct region region;
	bool is_extra;	 /* from an answer to --at, which includes its region */
	uint64_t number; /* of its mapping, among all mappings */
	uint64_t size, offset, dev, inode, dumped;
	uint32_t object;
	uint8_t perms, state;
	char *name, *section; /* owned: name until the region has an object, section to the end */
	size_t name_len;
};

/* What a key of `usage` stands for. Usually all regions have the same keys in the same order. */
struct saved_counter {
	char key[64];
	enum counter counter; /* N_COUNTERS: not a known one */
	int slot;	      /* or -1: derived from others, or not asked for */
};

struct saved_module {
	char *path; /* NULL: it has none */
	size_t path_len;
	enum file_state state;
	struct image *image; /* until an object owns it */
	uint32_t object;     /* the index of that object; 0: not known yet */
};

struct saved_stack {
	struct stack_range range;
	uint64_t lowest; /* as answers.lowest */
};

#define SAVED_COUNTERS_MAX 512

struct target_reader {
	struct document *document;
	const struct request *request;
	struct space *space;
	struct saved_sum *sum; /* whose counters are being read; NULL: those of the last region */
	uint32_t seen;	       /* bits of the members that were read, by index in the table */

	struct saved_region *regions;
	size_t n_regions, cap_regions;
	const char **sections; /* by region of the judgement; borrowed from the saved regions */
	bool *are_apportioned; /* by row of counters as read; region.usage is that row until settle_usage() */
	size_t cap_apportioned;
	bool is_usage_null; /* some region's usage is null: it could not be read then */
	struct saved_counter *counters;
	size_t n_counters, cap_counters;
	uint64_t has_counters; /* COUNTER_BIT()s of those that some region has */
	bool has_elf, has_core, has_cuts;
	unsigned answered, failed; /* NEED_* whose array is there, or is null: it could not be read then */

	struct saved_module *modules; /* in the order of the judgement's */
	size_t n_modules, cap_modules;
	struct saved_stack *stacks; /* in the order of the threads */
	size_t n_stacks, cap_stacks;
	char **frame_modules; /* by location, owned */
	size_t n_frame_modules, cap_frame_modules;
	struct lookup *lookups; /* their queries are owned */
	size_t n_lookups, cap_lookups;
	size_t cap_groups, cap_names; /* of answers.blocks */
};

/* As document_refuse(). */
static inline int refuse_value(struct target_reader *reader, struct error *err, const char *what)
{
	return document_refuse(reader->document, err, "%s", what);
}

/*
 * Takes an element of an array, or a member that is not an array, at document->place. 0, or -EBADMSG
 * with the place in *err.
 */
int take_region(struct target_reader *reader, const json_t *json, struct error *err);
/* A region that comes with an answer, or null. */
int take_extra_region(struct target_reader *reader, const json_t *json, struct error *err);

int take_module(struct target_reader *reader, const json_t *json, struct error *err);
int take_thread(struct target_reader *reader, const json_t *json, struct error *err);
int take_page_run(struct target_reader *reader, const json_t *json, struct error *err);
int take_lookup(struct target_reader *reader, const json_t *json, struct error *err);
int take_frame(struct target_reader *reader, const json_t *json, struct error *err);
int take_arena(struct target_reader *reader, const json_t *json, struct error *err);
int take_block_group(struct target_reader *reader, const json_t *json, struct error *err);
int take_note(struct target_reader *reader, const json_t *json, struct error *err);
int take_cuts(struct target_reader *reader, const json_t *json, struct error *err);
int take_process(struct target_reader *reader, const json_t *json, struct error *err);
int take_core(struct target_reader *reader, const json_t *json, struct error *err);
int take_elf(struct target_reader *reader, const json_t *json, struct error *err);
int take_source(struct target_reader *reader, const json_t *json, struct error *err);
int take_pid(struct target_reader *reader, const json_t *json, struct error *err);
int take_ppid(struct target_reader *reader, const json_t *json, struct error *err);
int take_time(struct target_reader *reader, const json_t *json, struct error *err);
int take_page_size(struct target_reader *reader, const json_t *json, struct error *err);

/* comm, exe or user, as the place says; and the exact bytes that follow it if it is not UTF-8. */
int take_own_name(struct target_reader *reader, const json_t *json, struct error *err);
int take_own_bytes(struct target_reader *reader, const json_t *json, struct error *err);

/* Called in this order once all members are there. `source` is the snapshot itself. */
int settle_regions(struct target_reader *reader, struct error *err);
int settle_modules(struct target_reader *reader, struct error *err);
void settle_threads(struct target_reader *reader);
int settle_pages(struct target_reader *reader, struct error *err);
void settle_lookups(struct target_reader *reader, struct source *source);
void settle_frames(struct target_reader *reader);
void settle_heap(struct target_reader *reader);
int settle_blocks(struct target_reader *reader, struct error *err);

/* Whether the target has the array of an answer, one NEED_*. */
static inline bool has_answer(const struct target_reader *reader, unsigned need)
{
	return reader->answered & need;
}

/* Warns if an answer is asked for but was not saved. One that could not be read then has a note already. */
void note_unsaved(struct target_reader *reader, unsigned need, const char *code, const char *text);

/*
 * Reads the target at the document's position into a space from space_init() whose usage has room for
 * what the request asks for. 0, or -EBADMSG.
 */
int read_saved_target(struct document *document, struct source *source, const struct request *request,
		      struct space *space, struct error *err) _must_check_;
