/* SPDX-License-Identifier: MIT */
#include "output/svg_icicle.h"

#include <stdio.h>

#include "base/text.h"
#include "output/xml.h"

#define ROW 26
#define ROW_GAP 1
#define FONT 12
#define TEXT_INDENT 4
#define BASE_LINE 17
#define NARROWEST 4 /* pixels; narrower nodes share a box */

struct icicle {
	struct out *out;
	const struct memory_tree *tree;
	double x, y, width;
	const char *what;
};

double svg_icicle_height(void)
{
	return (N_TREE_DEPTHS + 1) * ROW;
}

/* Where a byte is drawn, counted from the first: a box ends exactly where the next one starts. */
static double place(const struct icicle *icicle, uint64_t bytes)
{
	return svg_round(icicle->x + icicle->width * ((double)bytes / (double)icicle->tree->bytes));
}

static struct svg_box box_of(const struct icicle *icicle, unsigned row, uint64_t start, uint64_t bytes)
{
	double x = place(icicle, start);

	return (struct svg_box){ x, icicle->y + row * ROW, place(icicle, start + bytes) - x, ROW - ROW_GAP };
}

static void put_percent(const struct icicle *icicle, uint64_t bytes)
{
	double tenths = (double)bytes / (double)icicle->tree->bytes * 1000 + 0.5;

	out_dec(icicle->out, (uint64_t)tenths / 10);
	out_char(icicle->out, '.');
	out_dec(icicle->out, (uint64_t)tenths % 10);
	out_str(icicle->out, " %");
}

static void put_bytes(const struct icicle *icicle, uint64_t bytes)
{
	svg_exact_size(icicle->out, bytes);
	out_char(icicle->out, ' ');
	out_str(icicle->out, icicle->what);
	out_str(icicle->out, ", ");
	put_percent(icicle, bytes);
}

/* "text, libc.so.6, .text: 1.1M (1196032 bytes) resident, 28.1 % of 4.1M; size 1.3M, 1 region" */
static void put_title(const struct icicle *icicle, const size_t *path, unsigned depth)
{
	const struct tree_node *node = &icicle->tree->nodes[path[depth]];
	struct out *out = icicle->out;

	for (unsigned i = 0; i <= depth; i++) {
		const struct tree_node *above = &icicle->tree->nodes[path[i]];

		xml_text(out, above->path, above->path_len);
		out_str(out, i < depth ? ", " : ": ");
	}
	put_bytes(icicle, node->bytes);
	if (icicle->tree->measure != MEASURE_SIZE) {
		out_str(out, "; size ");
		svg_size(out, node->size);
	}
	out_str(out, ", ");
	out_dec(out, node->regions);
	out_str(out, node->regions == 1 ? " region" : " regions");
}

/* With its size, if there is room for that, too. */
static void draw_box(const struct icicle *icicle, const struct svg_box *box, const char *class,
		     const char *text, size_t len, uint64_t bytes)
{
	double width = box->width - 2 * TEXT_INDENT;
	char size[OUT_SHORT];
	size_t size_len = text_size(size, bytes);

	svg_begin_shapes(icicle->out);
	svg_rect(icicle->out, class, box);
	svg_text(icicle->out, "label", box->x + TEXT_INDENT, box->y + BASE_LINE, width, FONT, text, len);
	if (svg_text_width(text, len, FONT) + svg_text_width(size, size_len, FONT) + TEXT_INDENT <= width)
		svg_text(icicle->out, "right", box->x + TEXT_INDENT + width, box->y + BASE_LINE, width, FONT,
			 size, size_len);
	svg_close_item(icicle->out);
}

static size_t count_nodes(const struct memory_tree *tree, size_t first, size_t end, uint64_t *ret_bytes)
{
	size_t n = 0;

	*ret_bytes = 0;
	for (size_t i = first; i < end; i = tree->nodes[i].next, n++)
		*ret_bytes += tree->nodes[i].bytes;
	return n;
}

/* The nodes [first, end) in one box that starts at byte `start`. */
static void draw_rest(const struct icicle *icicle, unsigned depth, uint64_t start, size_t first, size_t end)
{
	uint64_t bytes;
	size_t n = count_nodes(icicle->tree, first, end, &bytes);
	enum kind kind = icicle->tree->nodes[first].kind;
	struct svg_box box = box_of(icicle, depth + 1, start, bytes);
	char text[32], class[32];
	int len = snprintf(text, sizeof(text), "%zu other%s", n, n == 1 ? "" : "s");

	snprintf(class, sizeof(class), "box k-%s", kinds[kind].name);
	svg_open_item(icicle->out);
	xml_text(icicle->out, kinds[kind].name, kinds[kind].name_len);
	out_str(icicle->out, ", ");
	out_write(icicle->out, text, (size_t)len);
	out_str(icicle->out, ": ");
	put_bytes(icicle, bytes);
	draw_box(icicle, &box, class, text, (size_t)len, bytes);
}

/* The nodes [first, end), the largest first, starting at byte `start`. `path`: the nodes above them. */
static void draw_nodes(const struct icicle *icicle, size_t first, size_t end, uint64_t start, size_t *path,
		       unsigned depth)
{
	const struct memory_tree *tree = icicle->tree;

	for (size_t i = first; i < end; i = tree->nodes[i].next) {
		const struct tree_node *node = &tree->nodes[i];
		struct svg_box box = box_of(icicle, depth + 1, start, node->bytes);
		char class[32];

		if (depth > TREE_KIND && box.width < NARROWEST && node->next < end) {
			draw_rest(icicle, depth, start, i, end);
			return;
		}
		path[depth] = i;
		snprintf(class, sizeof(class), "box k-%s", kinds[node->kind].name);
		svg_open_item(icicle->out);
		put_title(icicle, path, depth);
		draw_box(icicle, &box, class, node->name, node->len, node->bytes);
		draw_nodes(icicle, i + 1, node->next, start, path, depth + 1);
		start += node->bytes;
	}
}

void svg_icicle(struct out *out, const struct memory_tree *tree, double x, double y, double width,
		const char *what)
{
	const struct icicle icicle = { out, tree, x, y, width, what };
	size_t path[N_TREE_DEPTHS];
	struct svg_box box;
	char text[32];
	int len;

	if (tree->bytes == 0)
		return;
	box = box_of(&icicle, 0, 0, tree->bytes);
	len = snprintf(text, sizeof(text), "all %s", what);
	svg_open_item(out);
	out_str(out, "all: ");
	put_bytes(&icicle, tree->bytes);
	draw_box(&icicle, &box, "box all", text, (size_t)len, tree->bytes);
	draw_nodes(&icicle, 0, tree->n, 0, path, TREE_KIND);
}
