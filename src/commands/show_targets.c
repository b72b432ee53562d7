/* SPDX-License-Identifier: MIT */
#include "commands/show_targets.h"

#include <errno.h>
#include <string.h>

#include "base/out.h"
#include "commands/messages.h"
#include "commands/read_guarded.h"
#include "front/targets.h"
#include "snapshot/text_source.h"
#include "views/findings.h"

static void go_on_with_next(void *context, const struct error *err);

static void show_space(struct run *run, const char *operand, const struct target *target, struct space *space)
{
	const struct space *const spaces[] = { space };

	show_spaces(run, target, spaces, ARRAY_SIZE(spaces));
	run->n_reported++;
	print_all_notes(run, operand, target, space);
	space_done(space);
}

/* Whether there is nothing to say about a process that nobody named: it has no memory, or has ended. */
static bool is_passed_over(const struct target *target, int code)
{
	return target->is_found && (code == -ESRCH || code == -ENODATA);
}

static void report_unread(struct run *run, const char *operand, const struct target *target, int code,
			  const struct error *err)
{
	progress_end(&run->progress);
	if (!is_passed_over(target, code))
		report_failure(run, operand, target, code, err);
}

static void show_target(struct run *run, const char *operand, const struct target *target)
{
	const struct successor successor = { go_on_with_next, run };
	const struct read_settings settings = run_settings(run);
	struct space space;
	struct error err;
	int r = read_guarded(&settings, target, &successor, &space, &err);

	if (r < 0) {
		report_unread(run, operand, target, r, &err);
		return;
	}
	progress_end(&run->progress);
	show_space(run, operand, target, &space);
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

/* ---- all targets, one operand after the other ---- */

/* Finds the targets. `operand`: NULL for all processes. */
static void begin_operand(struct run *run, const char *operand)
{
	const char *procfs = run->options.procfs;
	struct place *place = &run->place;
	struct error err;
	int r;

	place->operand = operand ? operand : "--all";
	place->targets = NULL;
	place->n = place->next = 0;
	r = operand ? select_targets(operand, procfs, run->uid, &place->targets, &place->n, &err) :
		      select_all_processes(procfs, run->uid, &place->targets, &place->n, &err);
	if (r < 0)
		report_selection(run, place->operand, place->n, r, &err);
	else if (place->n == 0)
		report_no_process(run->uid, NULL);
	place->n_shown = run->n_shown;
	place->n_printed = run->n_printed;
	place->n_reported = run->n_reported;
	memset(run->n_findings, 0, sizeof(run->n_findings));
	run->n_regions = 0;
	run->denied = (struct missing){ 0 };
}

static void show_rest(struct run *run)
{
	struct place *place = &run->place;

	while (place->next < place->n) {
		place->target = &place->targets[place->next++];
		(place->target->is_text ? show_record : show_target)(run, place->operand, place->target);
	}
}

static void end_operand(struct run *run)
{
	struct place *place = &run->place;

	sum_up_findings(run, place->targets, run->n_shown - place->n_shown,
			run->n_printed - place->n_printed);
	report_refused(run, place->operand, place->n);
	if (run->n_shown > place->n_shown && run->n_regions == 0)
		report_nothing_left(run, place->operand);
	if (place->n > 0 && run->n_reported == place->n_reported) {
		complain(place->operand, 0, "no process of that name has a memory map");
		run->has_failed = true;
	}
	targets_free(place->targets, place->n);
}

static void show_operand(struct run *run, const char *operand)
{
	begin_operand(run, operand);
	if (run->options.svg && run->place.n > 1) {
		refuse_several(run, run->place.operand);
		targets_free(run->place.targets, run->place.n);
		return;
	}
	show_rest(run);
	end_operand(run);
}

static void show_operands(struct run *run)
{
	while (*run->place.operands)
		show_operand(run, *run->place.operands++);
}

/* Another thread is stuck with the current target. */
static void go_on_with_next(void *context, const struct error *err)
{
	struct run *run = context;
	struct place *place = &run->place;

	report_unread(run, place->operand, place->target, -ETIMEDOUT, err);
	show_rest(run);
	end_operand(run);
	show_operands(run);
	end_run(run);
}

void show_targets(struct run *run)
{
	run->place.operands = run->options.targets;
	if (run->options.all)
		show_operand(run, NULL);
	else
		show_operands(run);
}
