/* SPDX-License-Identifier: MIT */
#include "render_summary.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "text.h"

/* ---- the line on the process ---- */

static void put_figure(struct out *out, uint64_t bytes, const char *what, const struct table_style *style)
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

void render_process(struct out *out, const struct addrspace *as, const struct table_style *style)
{
	const struct process *process = &as->process;

	out_dec(out, (uint64_t)process->pid);
	out_str(out, ": ");
	put_escaped(out, process->comm, process->comm_len);
	out_str(out, " (");
	put_escaped(out, process->user, process->user ? strlen(process->user) : 0);
	out_str(out, "), ");
	out_dec(out, as->n_mappings);
	out_str(out, as->n_mappings == 1 ? " mapping" : " mappings");
	put_figure(out, process->virtual, "virtual", style);
	put_figure(out, process->resident, "resident", style);
	put_figure(out, process->swapped, "swapped", style);
	out_char(out, '\n');
}

/* ---- totals ---- */

static const struct column total_columns[] = {
	{ "KIND", CELL_WORD }, { "REGIONS", CELL_NUMBER }, { "SIZE", CELL_SIZE },
};

#define N_TOTAL_COLUMNS ARRAY_SIZE(total_columns)

/* Those of the columns that are shown whose figures can be added up. */
static size_t choose_columns(const struct column **chosen, const struct column *const *columns, size_t n)
{
	size_t n_chosen = 0;

	for (size_t i = 0; i < N_TOTAL_COLUMNS; i++)
		chosen[n_chosen++] = &total_columns[i];
	for (size_t i = 0; i < n; i++)
		if ((columns[i]->needs & NEED_FIGURE) && figures[columns[i]->figure].share != SHARE_PROPERTY)
			chosen[n_chosen++] = columns[i];
	return n_chosen;
}

static void fill_total(struct cell *cells, const struct view *view, const struct total *total,
		       const struct column *const *columns, size_t n_columns)
{
	cells[0] = total->kind == N_KINDS ? cell_word("TOTAL") : cell_kind(total->kind);
	cells[1] = cell_number(total->regions);
	cells[2] = cell_number(total->size);
	for (size_t i = N_TOTAL_COLUMNS; i < n_columns; i++)
		cells[i] = cell_number(usage_figure(&view->as->usage, total->usage, columns[i]->figure));
}

void render_totals(struct out *out, const struct view *view, const struct column *const *columns,
		   size_t n_columns, const struct table_style *style)
{
	size_t room = N_TOTAL_COLUMNS + n_columns;
	_cleanup_free_ const struct column **chosen = mem_realloc(NULL, room, sizeof(*chosen));
	_cleanup_free_ struct cell *cells = mem_realloc(NULL, room * (N_KINDS + 1), sizeof(*cells));
	struct table table = { .as = view->as, .columns = chosen, .cells = cells };

	table.n_columns = choose_columns(chosen, columns, n_columns);
	for (size_t i = 0; i <= N_KINDS; i++)
		if (i == N_KINDS || view->totals[i].regions > 0)
			fill_total(cells + table.n_rows++ * table.n_columns, view, &view->totals[i], chosen,
				   table.n_columns);
	table_print(out, &table, style);
}

/* ---- what the process costs, and what it may come up against ---- */

static void put_costs(struct out *out, const struct addrspace *as, const struct table_style *style)
{
	static const struct column what = { "MEMORY", CELL_WORD };
	static const struct column bytes = { "SIZE", CELL_SIZE };
	static const struct column *const columns[] = { &what, &bytes };
	const struct process *process = &as->process;
	uint64_t reserved = addrspace_reserved(as);
	const struct cell cells[][ARRAY_SIZE(columns)] = {
		{ cell_word("reserved, without access"), cell_number(reserved) },
		{ cell_word("committed, may be used"), cell_number(addrspace_size(as) - reserved) },
		{ cell_word("resident"), cell_number(process->resident) },
		{ cell_word("swapped"), cell_number(process->swapped) },
		{ cell_word("page tables, in the kernel"), cell_number(process->page_tables) },
		{ cell_word("thread stacks, in the kernel"), cell_number(process->kernel_stacks) },
	};

	table_print(out, &(struct table){
		.as = as, .columns = columns, .n_columns = ARRAY_SIZE(columns),
		.n_rows = ARRAY_SIZE(cells), .cells = &cells[0][0],
	}, style);
}

static struct cell percentage(uint64_t used, uint64_t max)
{
	if (used == UNKNOWN || max == UNKNOWN || max == 0)
		return cell_number(UNKNOWN);
	/* Both may be large: dividing first keeps the product in range. */
	return cell_number(max >= 10000 ? used / (max / 100) : used * 100 / max);
}

static void put_limits(struct out *out, const struct addrspace *as, const struct table_style *style)
{
	static const struct column what = { "LIMIT", CELL_WORD };
	static const struct column used = { "USED", CELL_SIZE };
	static const struct column max = { "MAX", CELL_SIZE };
	static const struct column percent = { "PERCENT", CELL_NUMBER };
	static const struct column *const columns[] = { &what, &used, &max, &percent };
	struct cell cells[N_LIMITS][ARRAY_SIZE(columns)];

	for (enum limit_id i = 0; i < N_LIMITS; i++) {
		uint64_t of_it = addrspace_use(as, i);
		uint64_t limit = as->process.limits[i].max;

		cells[i][0] = cell_word(limit_names[i].text);
		cells[i][1] = cell_number(of_it);
		cells[i][2] = cell_number(limit);
		cells[i][3] = percentage(of_it, limit);
		cells[i][1].is_count = cells[i][2].is_count = i == LIMIT_MAPPINGS;
		if (as->process.limits[i].is_unlimited) {
			cells[i][2] = cell_word("unlimited");
			cells[i][2].is_word = true;
		}
	}
	table_print(out, &(struct table){
		.as = as, .columns = columns, .n_columns = ARRAY_SIZE(columns),
		.n_rows = N_LIMITS, .cells = &cells[0][0],
	}, style);
}

void render_summary(struct out *out, const struct view *view, const struct column *const *columns,
		    size_t n_columns, const struct table_style *style)
{
	bool for_people = !style->raw && !style->no_headings;

	if (for_people)
		render_process(out, view->as, style);
	render_totals(out, view, columns, n_columns, style);
	if (!for_people)
		return;
	out_char(out, '\n');
	put_costs(out, view->as, style);
	out_char(out, '\n');
	put_limits(out, view->as, style);
}
