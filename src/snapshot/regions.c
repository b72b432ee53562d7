/* SPDX-License-Identifier: MIT */
/* Regions of a snapshot, and the mappings and objects that they are parts of. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/range.h"
#include "snapshot/target.h"
#include "snapshot/usage.h"
#include "views/views.h"

/* ---- values that have no field ---- */

static int take_size(void *context _unused_, void *row, const struct value *value, struct error *err _unused_)
{
	((struct saved_region *)row)->size = value->cell.number;
	return 0;
}

static int take_perms(void *context, void *row, const struct value *value, struct error *err)
{
	for (unsigned perms = 0; value->cell.len == PERMS_LEN && perms < ARRAY_SIZE(perms_texts); perms++)
		if (memcmp(perms_text(perms), value->cell.text, PERMS_LEN) == 0) {
			((struct saved_region *)row)->perms = (uint8_t)perms;
			return 0;
		}
	return refuse_value(context, err, "not access as in \"r-xp\"");
}

static int take_kind(void *context, void *row, const struct value *value, struct error *err)
{
	for (enum kind kind = 0; kind < N_KINDS; kind++)
		if (value->cell.len == kinds[kind].name_len &&
		    memcmp(kinds[kind].name, value->cell.text, value->cell.len) == 0) {
			((struct saved_region *)row)->region.kind = (uint8_t)kind;
			return 0;
		}
	return refuse_value(context, err, "not a kind of memory");
}

static int take_basis(void *context, void *row, const struct value *value, struct error *err)
{
	size_t basis = keys_word(&value->cell, basis_names, N_BASES);

	((struct saved_region *)row)->region.basis = (uint8_t)basis;
	return basis < N_BASES ? 0 : refuse_value(context, err, "not a basis");
}

static int take_name(void *context _unused_, void *row, const struct value *value, struct error *err _unused_)
{
	struct saved_region *saved = row;

	saved->name = value->cell.text ? mem_copy(value->cell.text, value->cell.len) : NULL;
	saved->name_len = value->cell.len;
	return 0;
}

static int take_offset(void *context _unused_, void *row, const struct value *value,
		       struct error *err _unused_)
{
	((struct saved_region *)row)->offset = value->cell.number;
	return 0;
}

static int take_dev(void *context _unused_, void *row, const struct value *value, struct error *err _unused_)
{
	((struct saved_region *)row)->dev = value->cell.number;
	return 0;
}

static int take_inode(void *context _unused_, void *row, const struct value *value,
		      struct error *err _unused_)
{
	((struct saved_region *)row)->inode = value->cell.number;
	return 0;
}

static int take_file(void *context, void *row, const struct value *value, struct error *err)
{
	size_t state =
		value->cell.text ? keys_word(&value->cell, file_state_names, N_FILE_STATES) : FILE_NONE;

	((struct saved_region *)row)->state = (uint8_t)state;
	return state < N_FILE_STATES ? 0 : refuse_value(context, err, "not a state of a file");
}

static int take_section(void *context _unused_, void *row, const struct value *value,
			struct error *err _unused_)
{
	((struct saved_region *)row)->section =
		value->cell.text ? mem_copy(value->cell.text, value->cell.len) : NULL;
	return 0;
}

/* Only in a core file. */
static int take_dumped(void *context, void *row, const struct value *value, struct error *err)
{
	return document_number(((struct target_reader *)context)->document, value->json,
			       &((struct saved_region *)row)->dumped, err);
}

static int take_mapping(void *context, void *row, const struct value *value, struct error *err)
{
	((struct saved_region *)row)->number = value->cell.number;
	return value->cell.number < NO_MAPPING ? 0 :
						 refuse_value(context, err, "not the number of a mapping");
}

/* ---- a region ---- */

static const struct taker takers[] = {
	{ "size", take_size },	     { "perms", take_perms },	  { "kind", take_kind },
	{ "basis", take_basis },     { "name", take_name },	  { "offset", take_offset },
	{ "dev", take_dev },	     { "inode", take_inode },	  { "file", take_file },
	{ "section", take_section }, { "mapping", take_mapping }, { "dumped", take_dumped },
	{ "usage", take_usage },     { "flags", take_flags },	  { NULL },
};

/* Core files name files only by their paths. */
static bool is_path(const struct saved_region *saved)
{
	return saved->name && saved->name[0] == '/';
}

static int check_region(struct target_reader *reader, const struct saved_region *saved, struct error *err)
{
	const struct region *region = &saved->region;

	if (region->start >= region->end)
		return refuse_value(reader, err, "it ends before it starts");
	if (saved->size != region->end - region->start)
		return refuse_value(reader, err, "its size is not end minus start");
	if (saved->dumped > saved->size)
		return refuse_value(reader, err, "more of it was dumped than there is");
	if (region->padding > saved->size)
		return refuse_value(reader, err, "its padding is larger than it is");
	if ((saved->dev == UNKNOWN) != (saved->inode == UNKNOWN) ||
	    (saved->offset == UNKNOWN) != (saved->dev == UNKNOWN && !is_path(saved)) ||
	    (saved->dev == 0 && saved->inode == 0))
		return refuse_value(reader, err,
				    "dev, inode and offset are those of a file, or all three null");
	if (saved->section && region->module == NO_MODULE)
		return refuse_value(reader, err, "a section, but no module");
	return 0;
}

static int set_object(struct target_reader *reader, struct saved_region *saved, struct error *err)
{
	struct facts *facts = &reader->space->facts;
	uint64_t dev = saved->dev == UNKNOWN ? 0 : saved->dev;
	size_t n = facts->n_objects;
	struct object *object;

	saved->object = facts_object(facts, (uint32_t)(dev >> 32), (uint32_t)dev,
				     saved->dev == UNKNOWN ? 0 : saved->inode, saved->name, saved->name_len);
	object = facts->objects[saved->object];
	free(saved->name);
	saved->name = NULL;
	if (saved->object == n)
		object->state = saved->state;
	if ((enum file_state)saved->state != object->state)
		return refuse_value(reader, err, "the state of its file differs from another region's");
	return 0;
}

int take_region(struct target_reader *reader, const json_t *json, struct error *err)
{
	static struct keys keys;
	struct saved_region *saved;
	int r;

	if (keys.n == 0)
		keys_init(&keys, &region_record, takers, ",dumped,usage,flags,");
	mem_grow(reader->regions, reader->n_regions, reader->cap_regions);
	saved = &reader->regions[reader->n_regions];
	*saved = (struct saved_region){ .region.usage = (uint32_t)reader->n_regions };
	reader->n_regions++;
	begin_usage(reader);
	r = keys_read(&keys, reader->document, json, reader, saved, err);
	if (r == 0)
		r = check_region(reader, saved, err);
	return r == 0 ? set_object(reader, saved, err) : r;
}

/* ---- all of them ---- */

static int refuse_regions(struct target_reader *reader, const struct region *region, const char *what,
			  struct error *err)
{
	return document_refuse(reader->document, err, "regions: one at 0x%llx %s",
			       (unsigned long long)region->start, what);
}

/* Checks that a region continues the mapping of the one before it. */
static int check_same_mapping(struct target_reader *reader, const struct mapping *m,
			      const struct saved_region *saved, struct error *err)
{
	if (m->object != saved->object || m->perms != saved->perms)
		return refuse_regions(reader, &saved->region, "differs from others of its mapping", err);
	if (saved->offset != UNKNOWN && m->offset + (saved->region.start - m->start) != saved->offset)
		return refuse_regions(reader, &saved->region, "does not have its mapping's offset there",
				      err);
	return 0;
}

static void add_mapping(struct target_reader *reader, const struct saved_region *saved)
{
	struct facts *facts = &reader->space->facts;
	struct object *object = facts->objects[saved->object];

	if (object->first == NO_MAPPING)
		object->first = (uint32_t)facts->n_mappings;
	facts->saved->numbers[facts->n_mappings] = (uint32_t)saved->number;
	facts_add_mapping(facts, &(struct mapping){
					 .start = saved->region.start,
					 .end = saved->region.end,
					 .offset = saved->offset == UNKNOWN ? 0 : saved->offset,
					 .object = saved->object,
					 .perms = saved->perms,
				 });
}

/* Finds or adds the mapping of a region that comes after all others. */
static int find_mapping(struct target_reader *reader, const struct saved_region *saved, struct error *err)
{
	struct facts *facts = &reader->space->facts;
	struct mapping *last = facts->n_mappings ? &facts->mappings[facts->n_mappings - 1] : NULL;
	uint32_t number = last ? facts->saved->numbers[facts->n_mappings - 1] : 0;

	if (saved->number >= facts->saved->mappings)
		return refuse_regions(reader, &saved->region, "is of an unknown mapping", err);
	if (last && saved->region.start < reader->space->facts.mappings[facts->n_mappings - 1].end)
		return refuse_regions(reader, &saved->region, "overlaps another", err);
	if (last && saved->number < number)
		return refuse_regions(reader, &saved->region, "has its mapping out of order", err);
	if (last && saved->number == number) {
		last->end = saved->region.end;
		return check_same_mapping(reader, last, saved, err);
	}
	add_mapping(reader, saved);
	return 0;
}

/* Whether only sections, which are not asked for now, separate a region from the one before it. */
static bool is_cut_off(const struct target_reader *reader, const struct region *before,
		       const struct region *region)
{
	return !(reader->request->needs & NEED_CUTS) && before->end == region->start &&
	       before->mapping == region->mapping && before->kind == region->kind &&
	       before->basis == region->basis && before->module == region->module &&
	       before->tid == region->tid;
}

static bool has_same_section(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* Padding is in no section, and says nothing about its neighbour's. */
static void join_region(struct target_reader *reader, struct region *last, struct saved_region *saved)
{
	size_t n = reader->space->judgement.n_regions;
	const char **section = &reader->sections[n - 1];
	uint64_t size = saved->region.end - saved->region.start;

	if (last->padding == last->end - last->start)
		*section = saved->section;
	else if (saved->region.padding < size && !has_same_section(*section, saved->section))
		*section = NULL;
	last->end = saved->region.end;
	last->padding += saved->region.padding;
	join_usage(reader, last->usage, saved->region.usage);
}

/* The snapshot says how many bytes of a region were dumped, but not which: take the first ones. */
static void add_dumped(struct target_reader *reader, const struct saved_region *saved)
{
	struct core *core = &reader->space->facts.core;

	if (saved->dumped == 0)
		return;
	mem_grow(core->dumped, core->n_dumped, core->cap_dumped);
	core->dumped[core->n_dumped++] = (struct dumped_range){
		.start = saved->region.start,
		.end = saved->region.start + saved->dumped,
	};
}

static void add_region(struct target_reader *reader, struct saved_region *saved)
{
	struct judgement *judgement = &reader->space->judgement;
	struct region *last = judgement->n_regions ? &judgement->regions[judgement->n_regions - 1] : NULL;

	saved->region.mapping = (uint32_t)reader->space->facts.n_mappings - 1;
	add_dumped(reader, saved);
	if (last && is_cut_off(reader, last, &saved->region)) {
		join_region(reader, last, saved);
		return;
	}
	reader->sections[judgement->n_regions] = saved->section;
	mem_grow(judgement->regions, judgement->n_regions, judgement->cap_regions);
	judgement->regions[judgement->n_regions++] = saved->region;
}

/* Several answers may have the same region. */
static bool is_there_already(const struct saved_region *before, const struct saved_region *saved)
{
	return (before->is_extra || saved->is_extra) && before->region.start == saved->region.start &&
	       before->region.end == saved->region.end;
}

int take_extra_region(struct target_reader *reader, const json_t *json, struct error *err)
{
	int r = json_is_null(json) ? 0 : take_region(reader, json, err);

	if (r == 0 && !json_is_null(json))
		reader->regions[reader->n_regions - 1].is_extra = true;
	return r;
}

int settle_regions(struct target_reader *reader, struct error *err)
{
	struct facts *facts = &reader->space->facts;
	int r = 0;

	range_sort(reader->regions, reader->n_regions, sizeof(*reader->regions));
	facts->saved->numbers = mem_array(reader->n_regions, sizeof(*facts->saved->numbers));
	reader->sections = mem_array(reader->n_regions, sizeof(*reader->sections));
	for (size_t i = 0; i < reader->n_regions && r == 0; i++) {
		if (i > 0 && is_there_already(&reader->regions[i - 1], &reader->regions[i]))
			continue;
		r = find_mapping(reader, &reader->regions[i], err);
		if (r == 0)
			add_region(reader, &reader->regions[i]);
	}
	if (r == 0)
		settle_usage(reader);
	return r;
}
