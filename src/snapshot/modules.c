/* SPDX-License-Identifier: MIT */
/* The modules of a snapshot. No more is known of their files than what the snapshot says. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "snapshot/target.h"
#include "snapshot/usage.h"
#include "views/rows.h"
#include "views/views.h"

static struct saved_module *last_module(struct target_reader *reader)
{
	return &reader->modules[reader->n_modules - 1];
}

static int take_path(void *context, void *row _unused_, const struct value *value, struct error *err _unused_)
{
	struct saved_module *module = last_module(context);

	module->path = value->cell.text ? mem_copy(value->cell.text, value->cell.len) : NULL;
	module->path_len = value->cell.len;
	return 0;
}

static int take_build_id(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;
	struct image *image = last_module(reader)->image;

	if (value->cell.len > BUILD_ID_MAX)
		return document_refuse(reader->document, err, "longer than a build-id");
	if (value->cell.text)
		memcpy(image->build_id, value->cell.text, value->cell.len);
	image->build_id_len = value->cell.text ? value->cell.len : 0;
	return 0;
}

static int take_file(void *context, void *row _unused_, const struct value *value, struct error *err)
{
	struct target_reader *reader = context;
	size_t state =
		value->cell.text ? keys_word(&value->cell, file_state_names, N_FILE_STATES) : FILE_NONE;

	if (state == N_FILE_STATES)
		return document_refuse(reader->document, err, "not a state of a file");
	last_module(reader)->state = (enum file_state)state;
	return 0;
}

static const struct taker takers[] = {
	{ "path", take_path },
	{ "build_id", take_build_id },
	{ "file", take_file },
	{ "usage", take_sum_usage },
	{ NULL },
};

int take_module(struct target_reader *reader, const json_t *json, struct error *err)
{
	static struct keys keys;
	struct judgement *judgement = &reader->space->judgement;
	struct saved *saved = reader->space->facts.saved;
	struct module *module;
	struct module_row row = { 0 };
	int r;

	if (keys.n == 0)
		keys_init(&keys, view_modules.record, takers, ",usage,");
	mem_grow(judgement->modules, judgement->n_modules, judgement->cap_modules);
	module = &judgement->modules[judgement->n_modules++];
	*module = (struct module){ 0 };
	mem_grow(reader->modules, reader->n_modules, reader->cap_modules);
	reader->modules[reader->n_modules++] =
		(struct saved_module){ .image = mem_alloc(sizeof(struct image)) };
	row.module = module;
	mem_grow(saved->modules, saved->n_modules, saved->cap_modules);
	reader->sum = &saved->modules[saved->n_modules++];
	*reader->sum = (struct saved_sum){ 0 };
	r = keys_read(&keys, reader->document, json, reader, &row, err);
	reader->sum = NULL;
	if (r < 0)
		return r;
	if (module->start >= module->end)
		return document_refuse(reader->document, err, "it ends before it starts");
	for (size_t i = 0; i < N_MODULE_KINDS; i++)
		if (row.sizes[i] == UNKNOWN)
			return document_refuse(reader->document, err, "a size is null");
	memcpy(module->sizes, row.sizes, sizeof(module->sizes));
	module->padding = row.padding;
	return 0;
}

/* ---- what regions say about them ---- */

static bool is_named(const struct object *object, const struct saved_module *saved)
{
	size_t len = saved->path ? facts_name_len(saved->path, saved->path_len) : 0;

	return (object->name == NULL) == (saved->path == NULL) && object->name_len == len &&
	       (!saved->path || memcmp(object->name, saved->path, len) == 0);
}

static int find_objects(struct target_reader *reader, struct error *err)
{
	struct space *space = reader->space;

	for (size_t i = 0; i < space->judgement.n_regions; i++) {
		const struct region *region = &space->judgement.regions[i];
		uint32_t object = space->facts.mappings[region->mapping].object;

		if (region->module == NO_MODULE)
			continue;
		if ((size_t)region->module >= reader->n_modules)
			return document_refuse(reader->document, err,
					       "regions: one at 0x%llx is of an unknown module",
					       (unsigned long long)region->start);
		if (object != 0 && is_named(space->facts.objects[object], &reader->modules[region->module]))
			reader->modules[region->module].object = object;
	}
	return 0;
}

/* Sets the file of a module, even if no region of it is there. One file may be loaded twice. */
static void set_object(struct target_reader *reader, size_t i)
{
	struct facts *facts = &reader->space->facts;
	struct saved_module *saved = &reader->modules[i];
	struct object *object;

	if (saved->object == 0)
		saved->object = facts_object(facts, 0, 0, 0, saved->path ? saved->path : "", saved->path_len);
	object = facts->objects[saved->object];
	object->state = saved->state;
	object->headers = HEADERS_FILE;
	/* Unlike names from the kernel, that of an ELF file may be a relative path. */
	if (facts->origin == ORIGIN_ELF)
		object->type = OBJECT_FILE;
	if (!object->image) {
		object->image = saved->image;
		saved->image = NULL;
	}
	reader->space->judgement.modules[i].object = saved->object;
}

static void add_section(struct target_reader *reader, struct region *region, const char *name)
{
	const struct module *module = &reader->space->judgement.modules[region->module];
	struct image *image = reader->space->facts.objects[module->object]->image;
	size_t cap = image->n_sections;

	/* The array grows at each power of two. */
	if ((cap & (cap - 1)) == 0)
		image->sections = mem_realloc(image->sections, cap ? cap * 2 : 1, sizeof(*image->sections));
	image->sections[image->n_sections++] = (struct section){
		.start = region->start - module->bias,
		.end = region->end - module->bias,
		.name = mem_copy(name, strlen(name)),
	};
	region->section = (uint32_t)image->n_sections;
}

static void add_sections(struct target_reader *reader)
{
	struct judgement *judgement = &reader->space->judgement;
	for (size_t i = 0; i < judgement->n_regions; i++)
		if (reader->sections[i] && reader->request->needs & NEED_SECTIONS)
			add_section(reader, &judgement->regions[i], reader->sections[i]);
	if (reader->request->needs & NEED_CUTS && !reader->has_cuts && !lacks_regions(&reader->space->facts))
		notes_warn(&reader->space->answers.notes, "snapshot-sections",
			   "no sections: they were not saved; --sections with --json saves them");
}

int settle_modules(struct target_reader *reader, struct error *err)
{
	int r = find_objects(reader, err);

	if (r < 0)
		return r;
	if (reader->space->facts.origin == ORIGIN_ELF && reader->n_modules == 0 &&
	    reader->space->facts.saved->parts & JSON_MODULES)
		return document_refuse(reader->document, err, "modules: an ELF file has one");
	for (size_t i = 0; i < reader->n_modules; i++)
		set_object(reader, i);
	add_sections(reader);
	return 0;
}
