/* SPDX-License-Identifier: MIT */
#include "output/svg_changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "output/xml.h"

#define FONT 12
#define STACK 30 /* height of each of the two lines with all kinds side by side */
#define STACK_HEIGHT (N_TREE_SIDES * STACK + 14)
#define STACK_LABEL 110
#define ROW 20
#define ROW_GAP 2
#define BASE_LINE 14
#define MOST_NAMES 12 /* per kind; the others are added up */

/* Where things are, from the left edge. */
#define SWATCH 12
#define NAME 24
#define NAME_INDENT 20
#define NAME_END 330
#define BARS 340
#define BARS_WIDTH 560
#define CHANGE_END 984
#define REMARK 1000

struct drawing {
	struct out *out;
	const struct change_lines *lines;
	double x, width;
	const char *what;
};

/* ---- lines ---- */

static void add_line(struct change_lines *lines, const struct tree_change *change)
{
	mem_grow(lines->items, lines->n, lines->cap);
	lines->items[lines->n++] = (struct change_line){ .change = *change, .n = 1 };
}

static void add_to_last_line(struct change_lines *lines, const struct tree_change *change)
{
	struct change_line *line = &lines->items[lines->n - 1];

	for (size_t side = 0; side < N_TREE_SIDES; side++) {
		line->change.bytes[side] += change->bytes[side];
		line->change.size[side] += change->size[side];
	}
	line->n++;
}

static uint64_t bytes_of(const struct tree_change *change)
{
	bool is_less;

	return tree_change_bytes(change, &is_less);
}

/* Whether its bar would be at least a pixel long if the largest change were `largest`. */
static bool is_visible(const struct tree_change *change, uint64_t largest)
{
	return (double)bytes_of(change) * (BARS_WIDTH / 2.0) >= (double)largest;
}

/* Adds one kind, items[0], and its names, which end before `end`, the largest change first. */
static void add_kind(struct change_lines *lines, const struct tree_change *items, size_t end,
		     uint64_t largest_item)
{
	size_t changed_end = 1;
	size_t shown_end = 1;

	while (changed_end < end && bytes_of(&items[changed_end]) > 0)
		changed_end++;
	while (shown_end < changed_end && shown_end <= MOST_NAMES &&
	       is_visible(&items[shown_end], largest_item))
		shown_end++;
	if (changed_end == 1) {
		lines->unchanged |= 1u << items[0].kind;
		return;
	}
	add_line(lines, &items[0]);
	for (size_t i = 1; i < changed_end; i++)
		if (i <= shown_end)
			add_line(lines, &items[i]);
		else
			add_to_last_line(lines, &items[i]);
}

void change_lines_build(struct change_lines *lines, const struct tree_changes *changes)
{
	uint64_t largest_item = 0;

	*lines = (struct change_lines){ .changes = changes };
	for (size_t i = 0; i < changes->n; i++)
		largest_item = MAX(largest_item, bytes_of(&changes->items[i]));
	for (size_t first = 0, end; first < changes->n; first = end) {
		for (end = first + 1; end < changes->n && changes->items[end].key;)
			end++;
		add_kind(lines, &changes->items[first], end - first, largest_item);
	}
	/* The sum of small changes may be larger than any single change. */
	for (size_t i = 0; i < lines->n; i++)
		lines->largest = MAX(lines->largest, bytes_of(&lines->items[i].change));
}

void change_lines_done(struct change_lines *lines)
{
	free(lines->items);
	*lines = (struct change_lines){ 0 };
}

double svg_changes_height(const struct change_lines *lines)
{
	return STACK_HEIGHT + (double)(lines->n + (lines->unchanged != 0)) * ROW;
}

static void put_change(struct out *out, const struct tree_change *change)
{
	bool is_less;
	uint64_t bytes = tree_change_bytes(change, &is_less);

	if (bytes > 0)
		out_char(out, is_less ? '-' : '+');
	svg_exact_size(out, bytes);
}

static const char *word_for(const struct tree_change *change)
{
	if (change->size[TREE_OLD] == 0)
		return "added";
	if (change->size[TREE_NEW] == 0)
		return "removed";
	if (change->bytes[TREE_OLD] == change->bytes[TREE_NEW])
		return "the same";
	return change->bytes[TREE_OLD] < change->bytes[TREE_NEW] ? "grown" : "shrunk";
}

static void format_remark(const struct tree_change *change, char *remark, size_t size)
{
	char old[OUT_SHORT], now[OUT_SHORT];

	old[text_size(old, change->bytes[TREE_OLD])] = '\0';
	now[text_size(now, change->bytes[TREE_NEW])] = '\0';
	snprintf(remark, size, "%s, %s to %s", word_for(change), old, now);
}

static void format_label(const struct change_line *line, char *label, size_t size)
{
	if (line->n > 1)
		snprintf(label, size, "%zu smaller changes", line->n);
	else
		snprintf(label, size, "%s",
			 line->change.name ? line->change.name : kinds[line->change.kind].name);
}

/* "heap, [heap]: +54.2M (56832000 bytes) resident, grown, 12M to 66.2M" */
static void put_title(const struct drawing *d, const struct change_line *line, const char *label,
		      const char *remark)
{
	if (line->change.name) {
		out_str(d->out, kinds[line->change.kind].name);
		out_str(d->out, ", ");
	}
	xml_text(d->out, label, strlen(label));
	out_str(d->out, ": ");
	put_change(d->out, &line->change);
	out_char(d->out, ' ');
	out_str(d->out, d->what);
	out_str(d->out, ", ");
	out_str(d->out, remark);
}

static void draw_bar(const struct drawing *d, const struct tree_change *change, double y)
{
	bool is_less;
	uint64_t bytes = tree_change_bytes(change, &is_less);
	double axis = d->x + BARS + BARS_WIDTH / 2.0;
	struct svg_box box = { axis, y, 0, ROW - ROW_GAP };

	if (bytes == 0)
		return;
	box.width = svg_round((double)bytes / (double)d->lines->largest * BARS_WIDTH / 2);
	if (is_less)
		box.x -= box.width;
	if (change->name)
		box.y += 3, box.height -= 6;
	svg_rect(d->out, is_less ? "shrunk" : "grown", &box);
}

static void draw_texts(const struct drawing *d, const struct change_line *line, const char *label,
		       const char *remark, double y)
{
	const struct tree_change *change = &line->change;
	double x = d->x + NAME + (change->name ? NAME_INDENT : 0);
	bool is_less;
	uint64_t bytes = tree_change_bytes(change, &is_less);
	char text[OUT_SHORT + 2] = "";
	size_t len = 0;

	svg_text(d->out, change->name ? "label" : "strong", x, y, d->x + NAME_END - x, FONT, label,
		 strlen(label));
	if (bytes > 0)
		text[len++] = is_less ? '-' : '+';
	len += text_size(text + len, bytes);
	svg_text(d->out, change->name ? "right" : "strong right", d->x + CHANGE_END, y, CHANGE_END, FONT,
		 text, len);
	svg_text(d->out, "muted", d->x + REMARK, y, d->width - REMARK, FONT, remark, strlen(remark));
}

static void draw_line(const struct drawing *d, const struct change_line *line, double y)
{
	const struct svg_box swatch = { d->x, y + 2, SWATCH, SWATCH };
	char label[512], remark[64], class[32];

	format_label(line, label, sizeof(label));
	format_remark(&line->change, remark, sizeof(remark));
	svg_open_item(d->out);
	put_title(d, line, label, remark);
	svg_begin_shapes(d->out);
	snprintf(class, sizeof(class), "box k-%s", kinds[line->change.kind].name);
	if (!line->change.name)
		svg_rect(d->out, class, &swatch);
	draw_bar(d, &line->change, y);
	draw_texts(d, line, label, remark, y + BASE_LINE);
	svg_close_item(d->out);
}

/* ---- all kinds of each side, on one scale ---- */

static const char *const side_names[] = { [TREE_OLD] = "old", [TREE_NEW] = "new" };

static void draw_kind(const struct drawing *d, const struct tree_change *kind, size_t side,
		      const struct svg_box *box)
{
	char class[32];

	snprintf(class, sizeof(class), "box k-%s", kinds[kind->kind].name);
	svg_open_item(d->out);
	out_str(d->out, side_names[side]);
	out_str(d->out, ", ");
	out_str(d->out, kinds[kind->kind].name);
	out_str(d->out, ": ");
	svg_exact_size(d->out, kind->bytes[side]);
	svg_begin_shapes(d->out);
	svg_rect(d->out, class, box);
	svg_text(d->out, "label", box->x + 4, box->y + 17, box->width - 8, FONT, kinds[kind->kind].name,
		 kinds[kind->kind].name_len);
	svg_close_item(d->out);
}

static void draw_stack(const struct drawing *d, size_t side, double y)
{
	const struct tree_changes *changes = d->lines->changes;
	uint64_t largest = MAX(changes->bytes[TREE_OLD], changes->bytes[TREE_NEW]);
	double scale = (d->width - STACK_LABEL) / (double)MAX(largest, 1);
	double x = d->x + STACK_LABEL;
	char size[OUT_SHORT], label[64];
	uint64_t start = 0;

	size[text_size(size, changes->bytes[side])] = '\0';
	snprintf(label, sizeof(label), "%s %s", side_names[side], size);
	svg_text(d->out, "strong", d->x, y + 17, STACK_LABEL, FONT, label, strlen(label));
	snprintf(label, sizeof(label), "Kinds, %s", side_names[side]);
	svg_open_list(d->out, label);
	for (size_t i = 0; i < changes->n; i++) {
		const struct tree_change *item = &changes->items[i];
		struct svg_box box = { svg_round(x + (double)start * scale), y, 0, STACK - 4 };

		if (item->key || item->bytes[side] == 0)
			continue;
		start += item->bytes[side];
		box.width = svg_round(x + (double)start * scale) - box.x;
		draw_kind(d, item, side, &box);
	}
	svg_close_list(d->out);
}

/* Kinds in which nothing has changed. */
static void draw_unchanged(const struct drawing *d, double y)
{
	char text[256] = "no change: ";
	bool is_first = true;

	for (enum kind k = 0; k < N_KINDS; k++) {
		if (!(d->lines->unchanged & 1u << k))
			continue;
		strcat(text, is_first ? "" : ", ");
		strcat(text, kinds[k].name);
		is_first = false;
	}
	if (!is_first)
		svg_text(d->out, "muted", d->x, y, d->width, FONT, text, strlen(text));
}

void svg_changes(struct out *out, const struct change_lines *lines, double x, double y, double width,
		 const char *what)
{
	const struct drawing d = { out, lines, x, width, what };
	const struct svg_box axis = { x + BARS + BARS_WIDTH / 2.0 - 0.5, y + STACK_HEIGHT, 1,
				      (double)lines->n * ROW };

	for (size_t side = 0; side < N_TREE_SIDES; side++)
		draw_stack(&d, side, y + (double)side * STACK);
	if (lines->n > 0)
		svg_rect(out, "track", &axis);
	svg_open_list(out, "Changes");
	y += STACK_HEIGHT;
	for (size_t i = 0; i < lines->n; i++, y += ROW)
		draw_line(&d, &lines->items[i], y);
	svg_close_list(out);
	draw_unchanged(&d, y + BASE_LINE);
}
