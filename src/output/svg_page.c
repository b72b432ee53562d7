/* SPDX-License-Identifier: MIT */
#include "output/svg_page.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "output/svg_style.h"
#include "output/target_line.h"
#include "output/xml.h"

#define TITLE_LINE 36
#define TITLE_FONT 20
#define LINE 18 /* height of the line on each target */
#define HEADING_FONT 15
#define HEADING_LINE 20

static double head_height(const struct view *view)
{
	return TITLE_LINE + LINE * (double)view->n_spaces + PAGE_SPACE / 2;
}

/* The caller frees it. */
static char *title_of(const struct view *view)
{
	const struct row row = { .space = view_space(view), .view = view };
	struct cell command = get_target_command(NULL, &row);
	int pid = view_space(view)->facts.process.pid;
	_cleanup_free_ char *name = command.text ? mem_copy(command.text, command.len) :
						   mem_copy("memory map", strlen("memory map"));

	if (view->n_spaces > 1)
		return mem_format("%s: what differs", name);
	return pid < 0 ? mem_format("%s", name) : mem_format("%s, process %d", name, pid);
}

static void put_root(struct out *out, uint64_t height)
{
	out_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		     "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"document\" aria-labelledby=\"title\" "
		     "width=\"1200\" height=\"");
	out_dec(out, height);
	out_str(out, "\" viewBox=\"0 0 1200 ");
	out_dec(out, height);
	out_str(out, "\">\n");
}

static void put_target(struct out *out, const struct view *view, size_t i, double y)
{
	const struct table_style style = { .is_utf8 = true };
	_cleanup_free_ char *line = target_line(view->spaces[i], &style);
	_cleanup_free_ char *marked = view->n_spaces > 1 ?
					      mem_format("%s %s", i > 0 ? "Old:" : "New:", line) :
					      mem_format("%s", line);

	out_str(out, "<g><title>");
	xml_text(out, marked, strlen(marked));
	out_str(out, "</title>");
	svg_text(out, "muted", PAGE_MARGIN, y, PAGE_INNER, PAGE_FONT, marked, strlen(marked));
	out_str(out, "</g>\n");
}

double svg_page_begin(struct out *out, const struct view *view, double height)
{
	_cleanup_free_ char *title = title_of(view);
	struct svg_box page = { 0, 0, PAGE_WIDTH, svg_round(head_height(view) + height + PAGE_MARGIN) };

	page.height = (double)(uint64_t)(page.height + 0.99);
	put_root(out, (uint64_t)page.height);
	out_str(out, "<title id=\"title\">");
	xml_text(out, title, strlen(title));
	out_str(out, "</title>\n");
	svg_put_style(out);
	svg_rect(out, "page", &page);
	out_char(out, '\n');
	svg_text(out, "title", PAGE_MARGIN, TITLE_LINE, PAGE_INNER, TITLE_FONT, title, strlen(title));
	out_char(out, '\n');
	/* The old one of two comes first. */
	for (size_t i = view->n_spaces; i > 0; i--)
		put_target(out, view, i - 1, TITLE_LINE + LINE * (double)(view->n_spaces - i + 1));
	return head_height(view);
}

double svg_page_heading(struct out *out, const char *text, double y)
{
	svg_text(out, "heading", PAGE_MARGIN, y + HEADING_LINE, PAGE_INNER, HEADING_FONT, text, strlen(text));
	out_char(out, '\n');
	return y + PAGE_HEADING;
}

void svg_page_end(struct out *out)
{
	out_str(out, "</svg>\n");
}
