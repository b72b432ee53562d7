/* SPDX-License-Identifier: MIT */
#include "commands/show.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/new_file.h"
#include "base/out.h"
#include "base/text.h"
#include "commands/difference.h"
#include "commands/processes.h"
#include "commands/messages.h"
#include "commands/show_targets.h"
#include "commands/terminal.h"
#include "commands/watch.h"
#include "front/targets.h"
#include "output/render_folded.h"
#include "output/render_json.h"
#include "output/render_sarif.h"
#include "output/render_svg.h"
#include "output/render_table.h"
#include "proc/patience.h"
#include "views/findings.h"

struct layout run_layout(const struct run *run)
{
	return (struct layout){
		.columns = run->options.columns,
		.n_columns = run->options.n_columns,
		.n_yielding = run->options.n_yielding,
		.style = &run->style,
	};
}

/* A progress line must not end up in the middle of a table or a picture. */
int progress_terminal(const struct run *run)
{
	bool is_free = !run->options.watches && (run->out.n_drained == 0 || !isatty(STDOUT_FILENO));

	return is_free && isatty(STDERR_FILENO) && terminal_is_capable() ? STDERR_FILENO : -1;
}

struct read_settings run_settings(struct run *run)
{
	progress_init(&run->progress, progress_terminal(run), PROGRESS_AFTER_MS);
	return (struct read_settings){ run->options.procfs, run->options.sysroot, &run->request,
				       &run->progress, &run->ms_left };
}

struct target *select_one(struct run *run, const char *operand, const char *option)
{
	struct target *targets = NULL;
	struct error err;
	size_t n = 0;
	int r = select_targets(operand, run->options.procfs, run->uid, &targets, &n, &err);

	if (r < 0)
		report_selection(run, operand, n, r, &err);
	if (n == 1 && (r == 0 || r == -ETIMEDOUT))
		return targets;
	if (n > 1) {
		error_set(&err, -EINVAL, "%zu processes: %s takes one, by its PID", n, option);
		complain(operand, 0, err.text);
	}
	run->has_failed = true;
	targets_free(targets, n);
	return NULL;
}

static void show_folded(struct run *run, const struct view *view)
{
	struct memory_tree tree;

	memory_tree_build(&tree, view_space(view), view->regions, view->n_regions,
			  options_measure(&run->options));
	render_folded(&run->out, &tree);
	memory_tree_done(&tree);
}

/* By default notes do not count, even if they are listed; with --severity, all findings listed count. */
static void count_findings(struct run *run, const struct view *view)
{
	const struct options *options = &run->options;
	enum severity least = options->chooses_severity ? options->spec.least : SEVERITY_WARNING;

	if (options->view != &view_findings)
		return;
	findings_count(view, run->n_findings);
	for (size_t i = 0; i < view->rows.n; i++) {
		struct row row = rows_get(&view->rows, i);

		run->has_findings |= ((const struct finding *)row.data)->severity >= least;
	}
}

static bool has_rows(const struct view *view, const struct view_info *info)
{
	return info->skips_empty ? view->rows.n > 0 : view->n_regions > 0;
}

/* Of many processes, those left without rows would only clutter the output. */
void show_spaces(struct run *run, const struct target *target, const struct space *const *spaces,
		 size_t n_spaces)
{
	const struct options *options = &run->options;
	const struct layout layout = run_layout(run);
	struct view view;

	view_build(&view, spaces, n_spaces, &options->spec);
	run->n_regions += view.n_regions;
	run->n_shown++;
	count_findings(run, &view);
	run->has_findings |= options->view->rows_are_findings && view.rows.n > 0 && !view.rows.are_unsure;
	if (options->sarif) {
		render_sarif_target(&run->json, &view);
	} else if (options->json) {
		render_json_target(&run->json, &view, options->view, options->explained);
	} else if (options->svg) {
		(n_spaces > 1 ? render_svg_changes : render_svg)(&run->out, &view, options_measure(options));
	} else if (options->folded) {
		show_folded(run, &view);
	} else if (has_rows(&view, options->view) || !pid_to_print(target)) {
		if (run->n_printed++ > 0 && !run->style.raw && !run->style.no_headings)
			out_char(&run->out, '\n');
		render_table(&run->out, &view, options->view, &layout, options->explained);
	}
	view_done(&view);
}

void set_style(struct run *run)
{
	const struct options *options = &run->options;
	const char *no_colour = getenv("NO_COLOR");
	bool is_terminal = !options->output_file && isatty(STDOUT_FILENO);
	bool is_auto = is_terminal && terminal_is_capable() && !(no_colour && *no_colour);

	run->style = (struct table_style){
		.bytes = options->bytes,
		.raw = options->raw,
		.no_headings = options->no_headings,
		.colour = !options->raw &&
			  (options->colour == COLOUR_ALWAYS || (options->colour == COLOUR_AUTO && is_auto)),
		.is_utf8 = options->view->put_picture && terminal_is_capable() && text_locale_is_utf8(),
		.width = is_terminal && !options->no_truncate && !options->raw ? terminal_size().ws_col : 0,
		.has_records = options_has_every_column(options),
	};
}

/* A reader may close the pipe early; that is no error. */
static void finish_output(struct run *run)
{
	int r = out_flush(&run->out);

	if (r == 0 || r == -EPIPE)
		return;
	complain_unwritten(-r);
	run->has_failed = true;
}

static void begin_document(struct run *run)
{
	if (run->options.sarif)
		render_sarif_begin(&run->json);
	else if (run->options.json)
		render_json_begin(&run->json, false);
}

static void end_document(struct run *run)
{
	if (run->options.sarif)
		render_sarif_end(&run->json, !run->has_failed && !run->is_partial);
	else if (run->options.json)
		render_json_end(&run->json);
}

static void show_each(struct run *run)
{
	begin_document(run);
	if (run->options.view->n_targets > 1)
		show_difference(run);
	else
		show_targets(run);
	end_document(run);
}

static bool begin_file(struct run *run)
{
	const char *path = run->options.output_file;
	struct error err;

	run->file.file = stdout;
	if (!path || new_file_begin(&run->file, path, &err) == 0)
		return true;
	complain(path, 0, err.text);
	run->has_failed = true;
	return false;
}

/* After a failure the old file stays: it is worth more than one without what was asked for. */
static void finish_file(struct run *run)
{
	struct error err;

	if (!run->options.output_file || new_file_finish(&run->file, !run->has_failed, &err) == 0)
		return;
	complain(run->options.output_file, 0, err.text);
	run->has_failed = true;
}

/* If several apply, a failure outranks findings, and findings outrank missing data. */
static enum status run_status(const struct run *run)
{
	if (run->has_failed)
		return STATUS_FAILED;
	if (run->has_findings)
		return STATUS_FOUND;
	return run->is_partial ? STATUS_PARTIAL : STATUS_OK;
}

static void show_all_to_file(struct run *run)
{
	/* struct out has its own buffer; one is enough. */
	setvbuf(run->file.file, NULL, _IONBF, 0);
	out_init(&run->out, run->file.file);
	json_init(&run->json, &run->out);
	if (run->options.watches) {
		show_watch(run);
		return;
	}
	if (run->options.view->lists_processes)
		show_processes(run);
	else
		show_each(run);
	finish_output(run);
	finish_file(run);
}

enum status show_all(struct run *run)
{
	run->request = options_request(&run->options);
	run->ms_left = PATIENCE_ALL_MS;
	set_style(run);
	if (begin_file(run))
		show_all_to_file(run);
	return run_status(run);
}

void end_run(struct run *run)
{
	if (!run->options.watches) {
		end_document(run);
		finish_output(run);
		finish_file(run);
	}
	exit((int)run_status(run));
}
