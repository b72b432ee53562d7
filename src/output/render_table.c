/* SPDX-License-Identifier: MIT */
#include "output/render_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "elf/machine.h"

static void put_counter(struct out *out, uint64_t bytes, const char *what, const struct table_style *style)
{
	out_str(out, ", ");
	table_put_size(out, bytes, style);
	out_char(out, ' ');
	out_str(out, what);
}

static void put_escaped(struct out *out, const char *text, size_t len)
{
	_cleanup_free_ char *safe = text_escape(text ? text : "-", text ? len : 1, TEXT_TABLE);

	out_str(out, safe);
}

static void put_mappings(struct out *out, const struct space *space, const struct table_style *style)
{
	out_dec(out, space->facts.n_mappings);
	out_str(out, space->facts.n_mappings == 1 ? " mapping" : " mappings");
	put_counter(out, space->facts.process.virtual, "virtual", style);
}

/* One line: who it is and how large. */
static void put_process(struct out *out, const struct space *space, const struct table_style *style)
{
	const struct process *process = &space->facts.process;

	out_dec(out, (uint64_t)process->pid);
	out_str(out, ": ");
	put_escaped(out, process->comm, process->comm_len);
	out_str(out, " (");
	put_escaped(out, process->user, process->user ? strlen(process->user) : 0);
	out_str(out, "), ");
	put_mappings(out, space, style);
	put_counter(out, process->resident, "resident", style);
	put_counter(out, process->swapped, "swapped", style);
	out_char(out, '\n');
}

/* The same of a file: what it is, what it would take, and by what it is loaded and known. */
static void put_elf(struct out *out, const struct space *space, const struct table_style *style)
{
	const struct elf_header *elf = &space->facts.elf;
	const struct image *image = space->facts.objects[space->judgement.modules[0].object]->image;
	char machine[MACHINE_NAME_MAX];

	machine_name(machine, elf->machine);
	put_escaped(out, space->facts.process.exe, space->facts.process.exe_len);
	out_str(out, elf->word_size == 4 ? ": ELF 32-bit " : ": ELF 64-bit ");
	out_str(out, elf->is_big_endian ? "big-endian " : "little-endian ");
	out_str(out, machine);
	out_char(out, ' ');
	out_str(out, elf_type_names[elf->type]);
	out_str(out, ", ");
	put_mappings(out, space, style);
	if (elf->interpreter) {
		out_str(out, ", interpreter ");
		put_escaped(out, elf->interpreter, elf->interpreter_len);
	}
	if (image->build_id_len > 0)
		out_str(out, ", build-id ");
	out_bytes(out, image->build_id, image->build_id_len);
	out_char(out, '\n');
}

/*
 * Raw and heading-less output is for scripts: rows, and nothing that is not one.
 */
void render_table(struct out *out, const struct view *view, const struct view_info *info,
		  const struct layout *layout, bool explained)
{
	const struct table_style *style = layout->style;
	const struct space *space = view_space(view);
	bool for_people = !style->raw && !style->no_headings;
	struct table table = {
		.rows = &view->rows,
		.columns = layout->columns,
		.n_columns = layout->n_columns,
		.is_record = info->is_record,
		.explanation = explained ? info->explanation : NULL,
	};

	if (for_people && space->facts.origin == ORIGIN_ELF)
		put_elf(out, space, style);
	else if (for_people)
		put_process(out, space, style);
	table_print(out, &table, style);
	if (for_people && info->put_footer)
		info->put_footer(out, view, layout);
}
