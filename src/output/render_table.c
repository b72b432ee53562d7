/* SPDX-License-Identifier: MIT */
#include "output/render_table.h"

#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "output/target_line.h"
#include "output/wrap_text.h"

#define TARGET_INDENT 2

#define TIME_MAX 48

/* Tells two snapshots of one process apart. In local time, as the user remembers it. */
static void format_time(char text[TIME_MAX], const struct space *space)
{
	time_t time = (time_t)space->facts.taken_at;
	struct tm tm;

	text[0] = '\0';
	if (space->facts.saved && space->facts.taken_at != NO_TIME && localtime_r(&time, &tm))
		strftime(text, TIME_MAX, ", taken at %Y-%m-%d %H:%M:%S", &tm);
}

/* If the terminal is too narrow, the line goes on below, indented. `mark` comes first. */
static void put_target(struct out *out, const struct space *space, const struct table_style *style,
		       const char *mark)
{
	_cleanup_free_ char *target = target_line(space, style);
	_cleanup_free_ char *line = NULL;
	char time[TIME_MAX] = "";

	if (*mark)
		format_time(time, space);
	line = mem_format("%s%s", target, time);
	out_str(out, mark);
	out_wrapped(out, line, strlen(mark), TARGET_INDENT, style->width);
	out_char(out, '\n');
}

/* The old one of two comes first. */
static void put_targets(struct out *out, const struct view *view, const struct table_style *style)
{
	if (view->n_spaces > 1)
		put_target(out, view->spaces[1], style, "- ");
	put_target(out, view_space(view), style, view->n_spaces > 1 ? "+ " : "");
}

/* Without rows, headings make "no findings" look like a failure, or a failure look like an empty view. */
static bool is_void(const struct view *view, const struct view_info *info)
{
	return view->rows.n == 0 && (info->rows_are_findings || view->rows.is_unknown);
}

/*
 * Output that is raw or without headings is for scripts: the table, and nothing around it.
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
		.has_no_sums = style->no_headings,
		.marks = for_people ? layout->marks : NULL,
		.is_record = info->is_record,
		.explanation = explained ? info->explanation : NULL,
	};

	if (for_people)
		put_targets(out, view, style);
	if (for_people && info->put_picture)
		info->put_picture(out, view, layout);
	else if (!for_people || !is_void(view, info))
		table_print(out, &table, style);
	if (for_people && info->put_footer)
		info->put_footer(out, view, layout);
}

void render_list(struct out *out, const struct view *view, const struct layout *layout)
{
	const struct table table = {
		.rows = &view->rows,
		.columns = layout->columns,
		.n_columns = layout->n_columns,
		.n_yielding = layout->n_yielding,
		.has_no_sums = layout->style->no_headings,
	};

	table_print(out, &table, layout->style);
}
