/* SPDX-License-Identifier: MIT */
#include "output/render_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "elf/machine.h"
#include "output/fold.h"
#include "output/printed.h"

#define TARGET_INDENT 2

/* The caller frees it, as all texts here. */
static char *format_size(uint64_t bytes, const struct table_style *style)
{
	struct cell cell = { .number = bytes };
	struct printed p;

	print_cell(&p, CELL_SIZE, &cell, style);
	return mem_copy(p.text, p.len);
}

static char *format_safe(const char *text, size_t len)
{
	return text_escape(text ? text : "-", text ? len : 1, TEXT_TABLE);
}

static char *format_mappings(const struct space *space, const struct table_style *style)
{
	_cleanup_free_ char *size = format_size(space->facts.process.virtual, style);

	return mem_format("%zu mapping%s, %s virtual", space->facts.n_mappings,
			  space->facts.n_mappings == 1 ? "" : "s", size);
}

/* One line: who it is and how large. */
static char *format_process(const struct space *space, const struct table_style *style)
{
	const struct process *process = &space->facts.process;
	_cleanup_free_ char *comm = format_safe(process->comm, process->comm_len);
	_cleanup_free_ char *user = format_safe(process->user, process->user ? strlen(process->user) : 0);
	_cleanup_free_ char *mappings = format_mappings(space, style);
	_cleanup_free_ char *resident = format_size(process->resident, style);
	_cleanup_free_ char *swapped = format_size(process->swapped, style);

	return mem_format("%d: %s (%s), %s, %s resident, %s swapped", process->pid, comm, user, mappings,
			  resident, swapped);
}

static char *format_build_id(const struct image *image)
{
	char *text = mem_alloc(2 * image->build_id_len + 1);

	for (size_t i = 0; i < image->build_id_len; i++)
		snprintf(&text[2 * i], 3, "%02x", image->build_id[i]);
	return text;
}

/* The same of a file: what it is, what it would take, and by what it is loaded and known. */
static char *format_elf(const struct space *space, const struct table_style *style)
{
	const struct elf_header *elf = &space->facts.elf;
	const struct image *image = space->facts.objects[space->judgement.modules[0].object]->image;
	char machine[MACHINE_NAME_MAX];
	_cleanup_free_ char *exe = format_safe(space->facts.process.exe, space->facts.process.exe_len);
	_cleanup_free_ char *mappings = format_mappings(space, style);
	_cleanup_free_ char *interpreter = format_safe(elf->interpreter, elf->interpreter_len);
	_cleanup_free_ char *build_id = format_build_id(image);

	machine_name(machine, elf->machine);
	return mem_format("%s: ELF %s-bit %s-endian %s %s, %s%s%s%s%s", exe,
			  elf->word_size == 4 ? "32" : "64", elf->is_big_endian ? "big" : "little", machine,
			  elf_type_names[elf->type], mappings, elf->interpreter ? ", interpreter " : "",
			  elf->interpreter ? interpreter : "", *build_id ? ", build-id " : "", build_id);
}

/* In a terminal that is too narrow it goes on below, set in. */
static void put_target(struct out *out, const struct space *space, const struct table_style *style)
{
	_cleanup_free_ char *line =
		space->facts.origin == ORIGIN_ELF ? format_elf(space, style) : format_process(space, style);

	out_folded(out, line, 0, TARGET_INDENT, style->width);
	out_char(out, '\n');
}

/*
 * Raw and heading-less output is for scripts: rows, and nothing that is not one.
 */
void render_table(struct out *out, const struct view *view, const struct view_info *info,
		  const struct layout *layout, bool explained)
{
	const struct table_style *style = layout->style;
	bool for_people = !style->raw && !style->no_headings;
	struct table table = {
		.rows = &view->rows,
		.columns = layout->columns,
		.n_columns = layout->n_columns,
		.n_yielding = layout->n_yielding,
		.is_record = info->is_record,
		.explanation = explained ? info->explanation : NULL,
	};

	if (for_people)
		put_target(out, view_space(view), style);
	table_print(out, &table, style);
	if (for_people && info->put_footer)
		info->put_footer(out, view, layout);
}
