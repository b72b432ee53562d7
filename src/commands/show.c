/* SPDX-License-Identifier: MIT */
#include "commands/show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/new_file.h"
#include "base/out.h"
#include "base/text.h"
#include "commands/difference.h"
#include "commands/processes.h"
#include "commands/read_target.h"
#include "commands/messages.h"
#include "commands/terminal.h"
#include "commands/watch.h"
#include "front/targets.h"
#include "output/render_folded.h"
#include "output/render_json.h"
#include "output/render_sarif.h"
#include "output/render_svg.h"
#include "output/render_table.h"
#include "proc/patience.h"
#include "proc/process.h"
#include "snapshot/text_source.h"
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

struct target *select_one(struct run *run, const char *operand, uint64_t uid, const char *option)
{
	struct target *targets = NULL;
	struct error err;
	size_t n = 0;
	int r = select_targets(operand, run->options.procfs, uid, &targets, &n, &err);

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

static void show_space(struct run *run, const char *operand, const struct target *target, struct space *space)
{
	const struct space *const spaces[] = { space };

	show_spaces(run, target, spaces, ARRAY_SIZE(spaces));
	run->n_reported++;
	print_all_notes(run, operand, target, space);
	space_done(space);
}

/*
 * Whether there is nothing to say about a process that nobody named: it has no memory, or has ended. One
 * that keeps executing programs is still there.
 */
static bool is_passed_over(const struct run *run, const struct target *target, int code)
{
	return target->is_found && (code == -ESRCH || code == -ENODATA ||
				    (code == -ESTALE && proc_is_ending(run->options.procfs, target->pid)));
}

static void show_target(struct run *run, const char *operand, const struct target *target)
{
	struct space space;
	struct error err;
	const struct read_settings settings = run_settings(run);
	int r = read_target(&settings, target, &space, &err);

	progress_end(&run->progress);
	if (r == 0)
		show_space(run, operand, target, &space);
	else if (!is_passed_over(run, target, r))
		report_failure(run, operand, target, r, &err);
}

/* An SVG document is one picture. */
static void refuse_several(struct run *run, const char *operand)
{
	complain(operand, 0, "several processes: --svg draws one, by its PID");
	run->has_failed = true;
}

/* Shows all targets of a snapshot, or the one of a memory map. */
static void show_record(struct run *run, const char *operand, const struct target *target)
{
	size_t n_reported = run->n_reported;
	struct text_source text;
	struct space space;
	struct error err;
	int r = text_source_open(&text, target->fd, &err);

	if (r < 0) {
		report_failure(run, operand, target, r, &err);
		return;
	}
	do {
		r = text_source_next(&text, &run->request, &space, &err);
		if (r == 0 && run->options.svg && run->n_reported > n_reported) {
			refuse_several(run, operand);
			space_done(&space);
			break;
		}
		if (r == 0)
			show_space(run, operand, target, &space);
	} while (r == 0 && text.has_several);
	if (r < 0 && (r != -ENODATA || run->n_reported == n_reported))
		report_failure(run, operand, target, r, &err);
	text_source_close(&text);
}

/*
 * Processes found by name or --all are skipped if they have no findings, so one line sums up all of
 * them at the end. A single process that was printed already has that line.
 */
static void sum_up_findings(struct run *run, const struct target *targets, size_t n_shown, size_t n_printed)
{
	const struct options *options = &run->options;
	bool is_for_people = !options->json && !options->sarif && !run->style.raw && !run->style.no_headings;

	if (options->view != &view_findings || !is_for_people || n_shown == 0 || !targets->is_found ||
	    (n_shown == 1 && n_printed == 1))
		return;
	if (run->n_printed > 0)
		out_char(&run->out, '\n');
	findings_put_sum(&run->out, run->n_findings, n_shown);
	run->n_printed++;
}

static void show_targets(struct run *run, const char *operand, const struct target *targets, size_t n)
{
	size_t n_shown = run->n_shown;
	size_t n_printed = run->n_printed;
	size_t n_reported = run->n_reported;

	memset(run->n_findings, 0, sizeof(run->n_findings));
	run->n_regions = 0;
	run->denied = (struct missing){ 0 };
	if (run->options.svg && n > 1) {
		refuse_several(run, operand);
		return;
	}
	for (size_t i = 0; i < n; i++)
		(targets[i].is_text ? show_record : show_target)(run, operand, &targets[i]);
	sum_up_findings(run, targets, run->n_shown - n_shown, run->n_printed - n_printed);
	report_refused(run, operand, n);
	if (run->n_shown > n_shown && run->n_regions == 0)
		report_nothing_left(run, operand);
	if (n > 0 && run->n_reported == n_reported) {
		complain(operand, 0, "no process of that name has a memory map");
		run->has_failed = true;
	}
}

/* `operand`: NULL for all processes. */
static void show_operand(struct run *run, const char *operand, uint64_t uid)
{
	const char *procfs = run->options.procfs;
	struct target *targets = NULL;
	struct error err;
	size_t n = 0;
	int r = operand ? select_targets(operand, procfs, uid, &targets, &n, &err) :
			  select_all_processes(procfs, uid, &targets, &n, &err);

	if (r < 0)
		report_selection(run, operand ? operand : "--all", n, r, &err);
	else if (n == 0)
		report_no_process(uid, NULL);
	show_targets(run, operand ? operand : "--all", targets, n);
	targets_free(targets, n);
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

static void show_each(struct run *run, uint64_t uid)
{
	if (run->options.sarif)
		render_sarif_begin(&run->json);
	else if (run->options.json)
		render_json_begin(&run->json, false);
	if (run->options.view->n_targets > 1)
		show_difference(run, uid);
	else if (run->options.all)
		show_operand(run, NULL, uid);
	else
		for (const char **operand = run->options.targets; *operand; operand++)
			show_operand(run, *operand, uid);
	if (run->options.sarif)
		render_sarif_end(&run->json, !run->has_failed && !run->is_partial);
	else if (run->options.json)
		render_json_end(&run->json);
}

static bool begin_file(struct run *run, struct new_file *file)
{
	const char *path = run->options.output_file;
	struct error err;

	*file = (struct new_file){ .file = stdout };
	if (!path || new_file_begin(file, path, &err) == 0)
		return true;
	complain(path, 0, err.text);
	run->has_failed = true;
	return false;
}

/* After a failure the old file stays: it is worth more than one without what was asked for. */
static void finish_file(struct run *run, struct new_file *file)
{
	struct error err;

	if (!run->options.output_file || new_file_finish(file, !run->has_failed, &err) == 0)
		return;
	complain(run->options.output_file, 0, err.text);
	run->has_failed = true;
}

void show_all(struct run *run, uint64_t uid)
{
	struct new_file file;

	run->request = options_request(&run->options);
	run->ms_left = PATIENCE_ALL_MS;
	set_style(run);
	if (!begin_file(run, &file))
		return;
	/* struct out has its own buffer; one is enough. */
	setvbuf(file.file, NULL, _IONBF, 0);
	out_init(&run->out, file.file);
	json_init(&run->json, &run->out);
	if (run->options.watches) {
		show_watch(run, uid);
		return;
	}
	if (run->options.view->lists_processes)
		show_processes(run, uid);
	else
		show_each(run, uid);
	finish_output(run);
	finish_file(run, &file);
}
