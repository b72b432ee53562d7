/* SPDX-License-Identifier: MIT */
#include "commands/watch_output.h"

#include <stdio.h>

#include "base/mem.h"
#include "commands/screen.h"
#include "output/cell_text.h"
#include "output/render_json.h"
#include "output/render_table.h"

static char *format_bytes(uint64_t bytes, bool is_exact)
{
	char size[OUT_SHORT];

	if (bytes == UNKNOWN)
		return mem_copy("-", 1);
	return mem_copy(size, format_number(size, CELL_SIZE, bytes, is_exact));
}

char *watch_format_change(uint64_t from, uint64_t to, bool is_exact)
{
	struct cell change = cell_change(from, to);
	_cleanup_free_ char *size = format_bytes(change.number, is_exact);

	if (change.number == UNKNOWN)
		return mem_copy("-", 1);
	return mem_format("%s%s", change.number == 0 ? "" : change.is_negative ? "-" : "+", size);
}

/* Growth since the start; how many rows are new, changed and gone; and how long the reading took. */
static void put_status(struct watch *watch, struct out *out)
{
	const struct round *round = watch_last(watch);
	uint64_t resident = round->space.facts.process.resident;
	bool is_exact = watch->run->style.bytes;
	_cleanup_free_ char *growth = watch_format_change(watch->first_resident, resident, is_exact);
	_cleanup_free_ char *size = format_bytes(resident, is_exact);
	_cleanup_free_ char *line = NULL;
	char clock[16], start[16];
	struct tm tm;

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&round->time, &tm));
	strftime(start, sizeof(start), "%H:%M:%S", localtime_r(&watch->first_time, &tm));
	line = mem_format("%s: %s resident, %s since %s; rows +%zu *%zu -%zu; read in %.1f ms%s", clock, size,
			  growth, start, watch->marks.n_new, watch->marks.n_changed, watch->marks.n_gone,
			  round->seconds * 1000, watch->is_saved ? "; saved" : "");
	out_str(out, line);
	out_char(out, '\n');
}

static void put_table(struct watch *watch, struct out *out)
{
	const struct run *run = watch->run;
	const struct options *options = &run->options;
	const struct layout layout = {
		.columns = options->columns,
		.n_columns = options->n_columns,
		.n_yielding = options->n_yielding,
		.marks = watch->marks.of,
		.style = &run->style,
	};

	if (!run->style.raw && !run->style.no_headings)
		put_status(watch, out);
	render_table(out, &watch_last(watch)->view, options->view, &layout, options->explained);
}

static void put_document(struct watch *watch, struct out *out)
{
	struct json json;

	json_init(&json, out);
	render_json_begin(&json, true);
	render_json_target(&json, &watch_last(watch)->view, watch->run->options.view,
			   watch->run->options.explained);
	render_json_end(&json);
}

void watch_show_in_place(struct watch *watch)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	if (!file)
		mem_exhausted();
	set_style(watch->run);
	out_init(&watch->run->out, file);
	put_table(watch, &watch->run->out);
	out_flush(&watch->run->out);
	out_init(&watch->run->out, stdout);
	if (fclose(file) != 0)
		mem_exhausted();
	watch->error = screen_show(text, len);
}

void watch_show(struct watch *watch)
{
	struct out *out = &watch->run->out;

	if (watch->has_screen) {
		watch_show_in_place(watch);
		return;
	}
	if (watch->run->options.json) {
		put_document(watch, out);
	} else {
		if (watch->n_rounds > 1)
			out_char(out, '\n');
		put_table(watch, out);
	}
	watch->error = out_flush(out);
}
