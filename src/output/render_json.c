/* SPDX-License-Identifier: MIT */
#include "output/render_json.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/explain.h"
#include "analysis/thread_stacks.h"
#include "base/mem.h"
#include "base/text.h"
#include "config.h"
#include "elf/machine.h"

#define FORMAT 1 /* of the document; memmap.schema.json says when it changes */

void render_json_begin(struct json *json)
{
	json_open_object(json, NULL, false);
	json_number(json, "format", FORMAT);
	json_word(json, "version", VERSION);
	json_open_array(json, "targets", false);
}

void render_json_end(struct json *json)
{
	json_close_array(json);
	json_close_object(json);
}

/* UTC, ISO 8601 */
static void put_time(struct json *json, const char *key, int64_t seconds)
{
	time_t time = (time_t)seconds;
	char text[32];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &tm));
	json_word(json, key, text);
}

static void put_identity(struct json *json, const struct space *space)
{
	const struct process *process = &space->facts.process;

	json_word(json, "source", origin_names[space->facts.origin]);
	json_number(json, "pid", process->pid < 0 ? UNKNOWN : (uint64_t)process->pid);
	json_number(json, "ppid", process->ppid < 0 ? UNKNOWN : (uint64_t)process->ppid);
	json_text(json, "comm", process->comm, process->comm_len);
	json_text(json, "exe", process->exe, process->exe_len);
	json_text(json, "user", process->user, process->user ? strlen(process->user) : 0);
	put_time(json, "taken_at", space->facts.taken_at);
	json_number(json, "page_size", space->facts.page_size);
}

/* Of a file what it says of itself as a whole; of a process null. */
static void put_elf(struct json *json, const struct space *space)
{
	const struct elf_header *elf = &space->facts.elf;
	char machine[MACHINE_NAME_MAX];

	if (space->facts.origin != ORIGIN_ELF) {
		json_null(json, "elf");
		return;
	}
	machine_name(machine, elf->machine);
	json_open_object(json, "elf", true);
	json_word(json, "type", elf_type_names[elf->type]);
	json_number(json, "bits", 8 * elf->word_size);
	json_word(json, "byte_order", elf->is_big_endian ? "big" : "little");
	json_word(json, "machine", machine);
	json_text(json, "interpreter", elf->interpreter, elf->interpreter_len);
	json_close_object(json);
}

static void put_limits(struct json *json, const struct space *space)
{
	json_open_object(json, "limits", true);
	for (enum limit_id i = 0; i < N_LIMITS; i++) {
		const struct limit *limit = &space->facts.process.limits[i];

		json_open_object(json, limit_names[i].key, true);
		json_number(json, "used", facts_used(&space->facts, i));
		json_number(json, "max", limit->max);
		json_bool(json, "unlimited", limit->is_unlimited);
		json_close_object(json);
	}
	json_close_object(json);
}

static void put_process(struct json *json, const struct space *space)
{
	const struct process *process = &space->facts.process;

	json_open_object(json, "process", true);
	json_number(json, "virtual", process->virtual);
	json_number(json, "resident", process->resident);
	json_number(json, "swapped", process->swapped);
	json_number(json, "page_tables", process->page_tables);
	json_number(json, "mappings", space->facts.n_mappings);
	json_number(json, "kernel_stacks", process->kernel_stacks);
	json_number(json, "threads", process->threads);
	json_number(json, "reserved", facts_reserved(&space->facts));
	json_number(json, "committed", facts_size(&space->facts) - facts_reserved(&space->facts));
	put_limits(json, space);
	json_close_object(json);
}

static void put_usage(struct json *json, const struct space *space, const struct region *region)
{
	const struct usage *usage = &space->facts.usage;
	const uint64_t *row = region_figures(space, region);

	json_open_object(json, "usage", true);
	for (enum figure f = 0; f < N_FIGURES; f++)
		if (figures[f].name && usage_has(usage, f))
			json_number(json, figures[f].name, row ? usage_figure(usage, row, f) : UNKNOWN);
	for (size_t i = 0; i < usage->n_slots; i++)
		if (usage->slots[i].name)
			json_number(json, usage->slots[i].name, row ? row[i] : UNKNOWN);
	json_bool(json, "apportioned", is_apportioned(space, region));
	json_close_object(json);
}

static void put_flags(struct json *json, const char *words)
{
	json_open_array(json, "flags", true);
	for (const char *word = words; *word;) {
		size_t len = strcspn(word, ",");

		json_text(json, NULL, word, len);
		word += len + (word[len] == ',');
	}
	json_close_array(json);
}

static void put_explanation(struct json *json, const struct space *space, const struct region *region)
{
	_cleanup_free_ char *text = explain(space, region);

	json_text(json, "explanation", text, strlen(text));
}

void render_json_address(struct json *json, const char *key, uint64_t address)
{
	if (address == UNKNOWN)
		json_null(json, key);
	else
		json_address(json, key, address);
}

static void put_answer(struct json *json, const char *key, enum answer answer)
{
	if (answer == ANSWER_UNKNOWN)
		json_null(json, key);
	else
		json_bool(json, key, answer == ANSWER_YES);
}

void render_json_page(struct json *json, const char *key, const struct page_run *run)
{
	json_open_object(json, key, true);
	json_address(json, "start", run->start);
	json_address(json, "end", run->end);
	json_number(json, "size", run->end - run->start);
	json_word(json, "state", page_state_names[run->state]);
	put_answer(json, "huge", run->is_huge);
	put_answer(json, "shared", run->is_shared);
	put_answer(json, "dirty", run->is_dirty);
	json_close_object(json);
}

/* ---- regions, most of which have much in common with others ---- */

static void put_access_and_kind(struct json *json, const struct space *space, const struct region *region)
{
	unsigned perms = space->facts.mappings[region->mapping].perms;
	/* With a bit that no number of a file has. */
	uint64_t key =
		UINT64_C(1) << 63 | (uint64_t)perms << 16 | (uint64_t)region->kind << 8 | region->basis;
	bool is_common = region->padding == 0;

	if (is_common && json_begin_memo(json, key))
		return;
	json_number(json, "padding", region->padding);
	json_word(json, "perms", perms_text(perms));
	json_word(json, "kind", kinds[region->kind].name);
	json_word(json, "basis", basis_names[region->basis]);
	if (is_common)
		json_end_memo(json);
}

static void put_file(struct json *json, const struct object *object, uint64_t offset)
{
	char dev[32];

	if (!has_file(object)) {
		json_null(json, "offset");
		json_null(json, "dev");
		json_null(json, "inode");
		json_null(json, "file");
		return;
	}
	dev[text_device(dev, object->major, object->minor)] = '\0';
	json_number(json, "offset", offset);
	json_word(json, "dev", dev);
	json_number(json, "inode", object->inode);
	json_word(json, "file", file_state_names[object->state]);
}

/* Its name, and where in which file it begins; and the module, section or thread that it belongs to. */
static void put_file_and_owner(struct json *json, const struct space *space, const struct region *region)
{
	const struct mapping *m = &space->facts.mappings[region->mapping];
	const struct object *object = mapping_object(&space->facts, m);
	const struct section *section = region_section(space, region);
	const char *name = section ? section->name : NULL;
	uint64_t offset = has_file(object) ? m->offset + (region->start - m->start) : 0;
	uint64_t key = (uint64_t)m->object << 32 | (uint32_t)region->module;
	bool is_common = !section && region->tid == NO_TID && offset == 0;

	if (is_common && json_begin_memo(json, key))
		return;
	json_text(json, "name", object->name, object->name_len);
	put_file(json, object, offset);
	json_number(json, "module", region->module == NO_MODULE ? UNKNOWN : (uint64_t)region->module);
	json_text(json, "section", name, name ? strlen(name) : 0);
	json_number(json, "tid", region->tid == NO_TID ? UNKNOWN : (uint64_t)region->tid);
	if (is_common)
		json_end_memo(json);
}

static void put_region(struct json *json, const char *key, const struct space *space,
		       const struct region *region, bool explained)
{
	const char *flags = usage_flags(&space->facts.usage, region->mapping);

	json_open_object(json, key, true);
	json_address(json, "start", region->start);
	json_address(json, "end", region->end);
	json_number(json, "size", region->end - region->start);
	put_access_and_kind(json, space, region);
	put_file_and_owner(json, space, region);
	if (space->facts.usage.n_slots > 0)
		put_usage(json, space, region);
	else if (space->facts.usage.is_lacking)
		json_null(json, "usage");
	if (flags)
		put_flags(json, flags);
	else if (space->facts.usage.keeps_all || space->facts.usage.is_lacking)
		json_null(json, "flags");
	if (explained)
		put_explanation(json, space, region);
	json_close_object(json);
}

void render_json_region(struct json *json, const char *key, const struct space *space,
			const struct region *region)
{
	put_region(json, key, space, region, false);
}

/* In the order of the rows, where these are the regions. */
static void put_regions(struct json *json, const struct view *view, const struct view_info *info,
			bool explained)
{
	const struct space *space = view_space(view);
	const uint32_t *order = info->collect ? NULL : view->rows.order;

	json_open_memos(json);
	json_open_array(json, "regions", false);
	for (size_t i = 0; i < view->n_regions; i++) {
		uint32_t region = order ? order[i] : view->regions[i];

		put_region(json, NULL, space, &space->judgement.regions[region], explained);
	}
	json_close_array(json);
	json_close_memos(json);
}

static void put_sums(struct json *json, const struct usage *usage, const uint64_t *values)
{
	for (enum figure f = 0; f < N_FIGURES; f++)
		if (figures[f].name && figures[f].share != SHARE_PROPERTY && usage_has(usage, f))
			json_number(json, figures[f].name, usage_figure(usage, values, f));
}

static void put_modules(struct json *json, const struct space *space)
{
	_cleanup_free_ uint64_t *usage = view_module_usage(space);

	json_open_array(json, "modules", false);
	for (size_t i = 0; i < space->judgement.n_modules; i++) {
		const struct module *module = &space->judgement.modules[i];
		const struct object *object = space->facts.objects[module->object];
		const struct image *image = object->image;

		json_open_object(json, NULL, true);
		json_text(json, "path", object->name, object->name_len);
		if (image->build_id_len > 0)
			json_hex(json, "build_id", image->build_id, image->build_id_len);
		else
			json_null(json, "build_id");
		json_address(json, "bias", module->bias);
		json_address(json, "start", module->start);
		json_address(json, "end", module->end);
		for (enum kind k = 0; k < N_MODULE_KINDS; k++)
			json_number(json, kinds[k].name, module->sizes[k]);
		json_number(json, "padding", module->padding);
		json_word(json, "file", file_state_names[object->state]);
		if (space->facts.usage.n_slots > 0) {
			json_open_object(json, "usage", true);
			put_sums(json, &space->facts.usage, usage + i * space->facts.usage.n_slots);
			json_close_object(json);
		}
		json_close_object(json);
	}
	json_close_array(json);
}

static void put_threads(struct json *json, const struct space *space)
{
	_cleanup_free_ struct thread_stack *stacks = find_stacks(space);

	json_open_array(json, "threads", false);
	for (size_t i = 0; i < space->facts.n_threads; i++) {
		const struct thread_stack *stack = &stacks[i];
		const struct thread *thread = stack->thread;

		json_open_object(json, NULL, true);
		json_number(json, "tid", (uint64_t)thread->tid);
		json_text(json, "comm", thread->comm, thread->comm_len);
		json_word(json, "state", thread_state_name(thread->state));
		render_json_address(json, "sp", thread->sp);
		render_json_address(json, "stack_start", stack->start);
		render_json_address(json, "stack_end", stack->end);
		json_number(json, "used", stack->used);
		json_word(json, "used_by", stack_used_by(stack));
		json_number(json, "guard", stack->guard);
		json_close_object(json);
	}
	json_close_array(json);
}

static void put_totals(struct json *json, const struct view *view)
{
	json_open_object(json, "totals", false);
	for (enum kind k = 0; k < N_KINDS; k++)
		if (view->totals[k].regions > 0) {
			json_open_object(json, kinds[k].name, true);
			json_number(json, "regions", view->totals[k].regions);
			json_number(json, "size", view->totals[k].size);
			json_number(json, "padding", view->totals[k].padding);
			put_sums(json, &view_space(view)->facts.usage, view->totals[k].usage);
			json_close_object(json);
		}
	json_close_object(json);
}

/* Memory that its owner has named, by name. */
static void put_named(struct json *json, const struct view *view)
{
	json_open_array(json, "named", false);
	for (size_t i = 0; i < view->n_named; i++) {
		const struct total *named = &view->named[i];

		json_open_object(json, NULL, true);
		json_text(json, "name", named->object->name, named->object->name_len);
		json_number(json, "regions", named->regions);
		json_number(json, "size", named->size);
		put_sums(json, &view_space(view)->facts.usage, named->usage);
		json_close_object(json);
	}
	json_close_array(json);
}

static void put_notes(struct json *json, const struct notes *notes)
{
	for (size_t i = 0; i < notes->n; i++) {
		const struct note *note = &notes->items[i];

		json_open_object(json, NULL, true);
		json_word(json, "code", note->code);
		json_text(json, "text", note->text, strlen(note->text));
		json_close_object(json);
	}
}

static void put_all_notes(struct json *json, const struct space *space)
{
	json_open_array(json, "notes", false);
	put_notes(json, &space->facts.notes);
	put_notes(json, &space->answers.notes);
	json_close_array(json);
}

void render_json_target(struct json *json, const struct view *view, const struct view_info *info,
			bool explained)
{
	json_open_object(json, NULL, false);
	put_identity(json, view_space(view));
	put_elf(json, view_space(view));
	put_process(json, view_space(view));
	put_regions(json, view, info, explained);
	if (info->put_json)
		info->put_json(json, view);
	put_modules(json, view_space(view));
	put_threads(json, view_space(view));
	put_totals(json, view);
	put_named(json, view);
	put_all_notes(json, view_space(view));
	json_close_object(json);
}
