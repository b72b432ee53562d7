/* SPDX-License-Identifier: MIT */
#include "output/render_page_grid.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "output/wrap_text.h"

#define LINES_OF_A_REGION 16

/* With --full: the pages of a terabyte in all, and no more than half of what is left for one region. */
#define FULL_CELLS_MAX (UINT64_C(1) << 28)

/* The pages in a cell, by state. */
struct cell_pages {
	uint64_t all, of[N_PAGE_STATES];
};

enum glyph {
	GLYPH_ALL,
	GLYPH_MOST,
	GLYPH_SOME,
	GLYPH_NONE,
	GLYPH_SWAPPED,
	GLYPH_ZERO,
	GLYPH_GUARD,
	GLYPH_UNKNOWN,
	N_GLYPHS
};

static const struct {
	const char *plain, *block, *text;
} glyphs[N_GLYPHS] = {
	[GLYPH_ALL] = { "O", "█", "in memory" },
	[GLYPH_MOST] = { "o", "▓", "half of it or more" },
	[GLYPH_SOME] = { "o", "▒", "some of it" },
	[GLYPH_NONE] = { ".", "░", "nothing" },
	[GLYPH_SWAPPED] = { "s", "s", "some of it swapped" },
	[GLYPH_ZERO] = { "z", "z", "only read: zeroes" },
	[GLYPH_GUARD] = { "g", "g", "guard" },
	[GLYPH_UNKNOWN] = { "?", "?", "nothing, or swapped" },
};

struct grid {
	struct out *out;
	const struct view *view;
	const struct table_style *style;
	size_t address_width, n_columns; /* of an address, and cells per line */
	uint64_t cell;			 /* bytes */
	uint64_t n_left;		 /* cells, with --full */
	unsigned used;			 /* glyphs drawn: 1 << GLYPH_... */
};

static const struct page_run *run_at(const struct grid *grid, size_t i)
{
	return rows_get(&grid->view->rows, i).data;
}

static enum glyph choose_glyph(const struct cell_pages *cell)
{
	uint64_t resident = cell->of[PAGES_RESIDENT];

	if (cell->of[PAGES_SWAPPED] > 0)
		return GLYPH_SWAPPED;
	if (resident == cell->all)
		return GLYPH_ALL;
	if (resident > 0)
		return 2 * resident >= cell->all ? GLYPH_MOST : GLYPH_SOME;
	if (cell->of[PAGES_GUARD] > 0)
		return GLYPH_GUARD;
	if (cell->of[PAGES_ZERO] > 0)
		return GLYPH_ZERO;
	return cell->of[PAGES_UNKNOWN] > 0 ? GLYPH_UNKNOWN : GLYPH_NONE;
}

/*
 * A page times a power of two, so that a region does not fill more than a screen; with --full, so that it can be
 * drawn at all: a process may reserve the whole address space.
 */
static uint64_t cell_size(struct grid *grid, uint64_t size)
{
	uint64_t cell = view_space(grid->view)->facts.page_size;
	uint64_t most = grid->n_columns * LINES_OF_A_REGION;

	if (grid->view->is_full)
		most = MAX(most, grid->n_left / 2);
	while (size / cell > most)
		cell *= 2;
	grid->n_left -= MIN(grid->n_left, size / cell);
	return cell;
}

/* Counts one region's pages that begin in [start, end), from run *i on; leaves *i at the run that goes on. */
static struct cell_pages count_cell(const struct grid *grid, size_t *i, size_t last, uint64_t start,
				    uint64_t end)
{
	uint64_t page_size = view_space(grid->view)->facts.page_size;
	struct cell_pages cell = { 0 };

	for (; *i <= last; ++*i) {
		const struct page_run *run = run_at(grid, *i);
		uint64_t from = MAX(run->start, start);
		uint64_t to = MIN(run->end, end);

		if (from < to) {
			cell.of[run->state] += (to - from + page_size - 1) / page_size;
			cell.all += (to - from + page_size - 1) / page_size;
		}
		if (run->end > end)
			break;
	}
	return cell;
}

static void put_address(struct grid *grid, uint64_t address)
{
	char digits[OUT_SHORT];
	size_t len = digits_format_hex(digits, address);

	out_fill(grid->out, ' ', grid->address_width > len ? grid->address_width - len : 0);
	out_write(grid->out, digits, len);
	out_char(grid->out, ' ');
}

/* The runs `first` to `last`, both included, are one whole region. */
static void put_cells(struct grid *grid, size_t first, size_t last)
{
	uint64_t end = run_at(grid, last)->end;
	size_t column = 0;
	size_t i = first;

	for (uint64_t at = run_at(grid, first)->start; at < end; at += MIN(grid->cell, end - at)) {
		struct cell_pages cell = count_cell(grid, &i, last, at, at + MIN(grid->cell, end - at));
		enum glyph glyph = choose_glyph(&cell);

		if (column == 0)
			put_address(grid, at);
		grid->used |= 1u << glyph;
		out_str(grid->out, grid->style->is_utf8 ? glyphs[glyph].block : glyphs[glyph].plain);
		if (++column == grid->n_columns || grid->cell >= end - at) {
			out_char(grid->out, '\n');
			column = 0;
		}
	}
}

static void put_heading(struct grid *grid, const struct page_run *run, uint64_t size)
{
	const struct space *space = view_space(grid->view);
	const struct region *region = &space->judgement.regions[run->region];
	const struct object *object = region_name(space, region);
	_cleanup_free_ char *name = object ? text_escape(object->name, object->name_len, TEXT_TABLE) : NULL;
	char all[OUT_SHORT];
	char of_cell[OUT_SHORT];
	_cleanup_free_ char *line = mem_format(
		"%s, %.*s, %.*s a cell%s%s", kinds[region->kind].name, (int)text_size(all, size), all,
		(int)text_size(of_cell, grid->cell), of_cell, name ? ": " : "", name ? name : "");
	_cleanup_free_ char *shortened = text_shorten(line, grid->address_width + 1 + grid->n_columns, true);

	out_str(grid->out, grid->style->colour ? "\033[1m" : "");
	out_str(grid->out, shortened);
	out_str(grid->out, grid->style->colour ? "\033[0m\n" : "\n");
}

static void put_legend(struct grid *grid)
{
	char *text = mem_copy("", 0);

	for (enum glyph g = 0; g < N_GLYPHS; g++) {
		char *longer;

		if (!(grid->used & 1u << g) ||
		    (!grid->style->is_utf8 && g == GLYPH_SOME && grid->used & 1u << GLYPH_MOST))
			continue;
		longer = mem_format("%s%s%s %s", text, *text ? "  " : "",
				    grid->style->is_utf8 ? glyphs[g].block : glyphs[g].plain,
				    !grid->style->is_utf8 && g == GLYPH_MOST ? glyphs[GLYPH_SOME].text :
									       glyphs[g].text);
		free(text);
		text = longer;
	}
	out_wrapped(grid->out, text, 0, 0, grid->address_width + 1 + grid->n_columns);
	out_char(grid->out, '\n');
	free(text);
}

void render_page_grid(struct out *out, const struct view *view, const struct layout *layout)
{
	struct grid grid = { .out = out, .view = view, .style = layout->style, .n_left = FULL_CELLS_MAX };
	size_t width = layout->style->width > 0 ? layout->style->width : WIDTH_ELSEWHERE;
	size_t n = view->rows.n;
	char digits[OUT_SHORT];

	if (n == 0)
		return;
	grid.address_width = digits_format_hex(digits, run_at(&grid, n - 1)->start);
	grid.n_columns = width > grid.address_width + 9 ? width - grid.address_width - 1 : 8;
	for (size_t first = 0, last = 0; first < n; first = ++last) {
		const struct page_run *run = run_at(&grid, first);
		uint64_t size;

		while (last + 1 < n && run_at(&grid, last + 1)->region == run->region)
			last++;
		size = run_at(&grid, last)->end - run->start;
		grid.cell = cell_size(&grid, size);
		put_heading(&grid, run, size);
		put_cells(&grid, first, last);
	}
	put_legend(&grid);
}
