/* SPDX-License-Identifier: MIT */
#include "output/render_svg.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/layout.h"
#include "analysis/memory_tree.h"
#include "analysis/selection.h"
#include "analysis/tree_changes.h"
#include "base/mem.h"
#include "base/text.h"
#include "output/svg_changes.h"
#include "output/svg_icicle.h"
#include "output/svg_page.h"
#include "output/svg_strip.h"

/* Bands of the address space, as in struct strip_budget; more are folded. */
#define ALIKE 60
#define ANY 240

#define LEGEND_COLUMNS 5
#define LEGEND_ROW 22
#define SWATCH 14

/* ---- what the bytes are ---- */

/* Words for headings, and after an amount. The caller frees `owned`. */
struct words {
	const char *heading, *amount;
	char *owned;
};

static void find_words(struct words *words, enum counter measure)
{
	static const struct words known[N_COUNTERS + 1] = {
		[MEASURE_SIZE] = { "Mapped memory", "mapped", NULL },
		[COUNTER_RSS] = { "Resident memory", "resident", NULL },
		[COUNTER_SWAP] = { "Swapped memory", "swapped", NULL },
	};

	*words = known[measure];
	if (words->heading)
		return;
	words->owned = mem_format("of %s", counters[measure].name);
	for (char *c = words->owned + strlen("of "); *c; c++)
		*c = (char)toupper((unsigned char)*c);
	words->amount = words->owned;
	words->heading = words->owned + strlen("of ");
}

/* ---- legend ---- */

static size_t count_kinds(const struct view *view)
{
	size_t n = 0;

	for (enum kind k = 0; k < N_KINDS; k++)
		n += view->totals[k].regions > 0;
	return n;
}

static double legend_height(const struct view *view)
{
	return (double)((count_kinds(view) + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS) * LEGEND_ROW;
}

static uint64_t total_bytes(const struct view *view, enum kind kind, enum counter measure)
{
	const struct total *total = &view->totals[kind];

	if (measure == MEASURE_SIZE)
		return total->size;
	return usage_counter(&view_space(view)->facts.usage, total->usage, measure);
}

static void draw_kind(struct out *out, const struct view *view, enum kind kind, enum counter measure,
		      double x, double y)
{
	uint64_t bytes = total_bytes(view, kind, measure);
	const struct svg_box swatch = { x, y, SWATCH, SWATCH };
	_cleanup_free_ char *class = mem_format("box k-%s", kinds[kind].name);
	char size[OUT_SHORT];
	_cleanup_free_ char *text = NULL;

	size[bytes == UNKNOWN ? 0 : text_size(size, bytes)] = '\0';
	text = mem_format("%s %s", kinds[kind].name, bytes == UNKNOWN ? "-" : size);
	svg_open_item(out);
	out_str(out, kinds[kind].name);
	out_str(out, ", ");
	out_str(out, kinds[kind].help);
	out_str(out, ": ");
	out_str(out, bytes == UNKNOWN ? "not known" : size);
	svg_begin_shapes(out);
	svg_rect(out, class, &swatch);
	svg_text(out, "label", x + SWATCH + 6, y + 11, PAGE_WIDTH / LEGEND_COLUMNS, PAGE_FONT, text,
		 strlen(text));
	svg_close_item(out);
}

static void draw_legend(struct out *out, const struct view *view, enum counter measure, double y)
{
	size_t n = 0;

	svg_open_list(out, "Kinds");
	for (enum kind k = 0; k < N_KINDS; k++) {
		if (view->totals[k].regions == 0)
			continue;
		draw_kind(out, view, k, measure,
			  PAGE_MARGIN + (double)(n % LEGEND_COLUMNS) * (PAGE_INNER / LEGEND_COLUMNS),
			  y + (double)(n / LEGEND_COLUMNS) * LEGEND_ROW);
		n++;
	}
	svg_close_list(out);
}

/* ---- the whole picture ---- */

static double draw_tree(struct out *out, const struct view *view, const struct memory_tree *tree, double y)
{
	_cleanup_free_ char *heading = NULL;
	struct words words;

	find_words(&words, tree->measure);
	heading = mem_format("%s by kind, file and section", words.heading);
	y = svg_page_heading(out, heading, y);
	svg_open_list(out, heading);
	svg_icicle(out, tree, PAGE_MARGIN, y, PAGE_INNER, words.amount);
	svg_close_list(out);
	free(words.owned);
	y += svg_icicle_height() + PAGE_SPACE / 2;
	draw_legend(out, view, tree->measure, y);
	return y + legend_height(view) + PAGE_SPACE / 2;
}

void render_svg(struct out *out, const struct view *view, enum counter measure)
{
	const struct strip_budget budget = { ALIKE, ANY };
	struct memory_tree tree;
	struct strip strip;
	double y;

	memory_tree_build(&tree, view_space(view), view->regions, view->n_regions, measure);
	layout_build(&strip, view_space(view), view->regions, view->n_regions, &budget);
	strip.is_utf8 = true;
	y = svg_page_begin(out, view,
			   2 * PAGE_HEADING + svg_icicle_height() + PAGE_SPACE + legend_height(view) +
				   svg_strip_height(&strip));
	y = draw_tree(out, view, &tree, y);
	y = svg_page_heading(out, "Address space, low to high", y);
	svg_strip(out, &strip, PAGE_MARGIN, y, PAGE_INNER);
	svg_page_end(out);
	layout_done(&strip);
	memory_tree_done(&tree);
}

/* A picture without bars would look as if neither side had any memory. */
static void put_not_compared(struct out *out, const struct view *view)
{
	double y = svg_page_begin(out, view, PAGE_HEADING);

	svg_page_heading(out, "not compared: a snapshot has no regions", y);
	svg_page_end(out);
}

void render_svg_changes(struct out *out, const struct view *view, enum counter measure)
{
	struct tree_side sides[N_TREE_SIDES];
	_cleanup_free_ uint32_t *old = NULL;
	_cleanup_free_ char *heading = NULL;
	struct tree_changes changes;
	struct change_lines lines;
	struct words words;
	double y;

	if (view_lacks_regions(view)) {
		put_not_compared(out, view);
		return;
	}
	sides[TREE_OLD].space = view->spaces[1];
	sides[TREE_OLD].regions = old = select_regions(view->spaces[1], view->selection, &sides[TREE_OLD].n);
	sides[TREE_NEW] = (struct tree_side){ view_space(view), view->regions, view->n_regions };
	tree_changes_build(&changes, sides, measure);
	change_lines_build(&lines, &changes);
	find_words(&words, changes.measure);
	heading = mem_format("%s: what differs, by kind and file", words.heading);
	y = svg_page_begin(out, view, PAGE_HEADING + svg_changes_height(&lines));
	y = svg_page_heading(out, heading, y);
	svg_changes(out, &lines, PAGE_MARGIN, y, PAGE_INNER, words.amount);
	svg_page_end(out);
	free(words.owned);
	change_lines_done(&lines);
	tree_changes_done(&changes);
}
