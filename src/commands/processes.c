/* SPDX-License-Identifier: MIT */
#include "commands/processes.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/group_processes.h"
#include "base/mem.h"
#include "base/pool.h"
#include "commands/read_target.h"
#include "commands/messages.h"
#include "output/render_json.h"
#include "output/render_openmetrics.h"
#include "output/render_table.h"
#include "proc/helper_process.h"
#include "proc/missing_processes.h"
#include "proc/process_list.h"
#include "proc/read_row.h"
#include "proc/user_names.h"
#include "views/processes.h"

/* Longer than PATIENCE_MS: a thread gives up on the files of a process before we give up on the thread. */
#define READ_TIMEOUT_MS (PATIENCE_MS + 1000)

/* What the threads need to read processes. */
struct questions {
	struct read_settings settings;
	struct request request;
	bool wants_cgroup, wants_sizes;
	const char *cgroup; /* a pattern, or NULL */
	const struct target *targets;
};

struct reply {
	bool is_elsewhere; /* in another cgroup */
	int result;	   /* 0, or a negative errno, described by `err` */
	struct error err;
	struct process_row row;
};

struct user {
	uint64_t uid;
	char *name;
};

struct listing {
	const struct target *targets;
	size_t n_targets;
	bool has_failed; /* a process that the user named could not be read */
	struct process_row *rows;
	size_t n, cap;
	struct user *users;
	size_t n_users, cap_users;
	struct missing_processes missing;
	size_t n_without_sums;
	struct progress progress;
};

/* ---- reading, in any thread ---- */

static void add_up_sizes(const struct space *space, uint64_t *sizes)
{
	for (enum kind k = 0; k < N_KINDS; k++)
		sizes[k] = 0;
	for (size_t i = 0; i < space->judgement.n_regions; i++) {
		const struct region *region = &space->judgement.regions[i];

		sizes[region->kind] += region->end - region->start;
	}
}

static void read_sizes(const struct questions *questions, const struct target *target,
		       struct process_row *row)
{
	struct space space;
	struct error err;

	if (read_target(&questions->settings, target, &space, &err) < 0)
		return;
	add_up_sizes(&space, row->sizes);
	space_done(&space);
}

/*
 * Compares the whole path: a pattern that ends in "*" also matches the cgroups below. Even a
 * process that may not be read has a cgroup; if that is unknown, it may be the right one.
 */
static bool is_elsewhere(const struct questions *questions, const struct reply *reply)
{
	const char *cgroup = reply->row.cgroup;

	return questions->cgroup &&
	       (cgroup ? fnmatch(questions->cgroup, cgroup, 0) != 0 : reply->result == 0);
}

static void read_process(const void *context, size_t i, void *result)
{
	const struct questions *questions = context;
	const struct target *target = &questions->targets[i];
	struct reply *reply = result;

	reply->result = proc_read_row(questions->settings.procfs, target->pid, questions->wants_cgroup,
				      &reply->row, &reply->err);
	reply->is_elsewhere = is_elsewhere(questions, reply);
	if (reply->result == 0 && !reply->is_elsewhere && questions->wants_sizes)
		read_sizes(questions, target, &reply->row);
}

/* ---- what is kept ---- */

/* A linear search will do: many processes belong to few users. */
static const char *name_of(struct listing *listing, uint64_t uid)
{
	int error; /* ignored: the name is then a number */

	if (uid == UNKNOWN)
		return NULL;
	for (size_t i = 0; i < listing->n_users; i++)
		if (listing->users[i].uid == uid)
			return listing->users[i].name;
	mem_grow(listing->users, listing->n_users, listing->cap_users);
	listing->users[listing->n_users] = (struct user){ uid, user_name(uid, &error) };
	return listing->users[listing->n_users++].name;
}

static void refuse(struct listing *listing, int pid, const char *text)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", pid);
	complain(number, 0, text);
	listing->has_failed = true;
}

static void take_process(void *taker, size_t i, void *result)
{
	struct listing *listing = taker;
	struct reply *reply = result;

	if (!reply) {
		missing_add(&listing->missing.silent, listing->targets[i].pid);
	} else if (reply->is_elsewhere) {
		process_row_done(&reply->row);
		listing->missing.n_all--;
	} else if (reply->result == 0) {
		reply->row.user = name_of(listing, reply->row.uid);
		listing->n_without_sums += reply->row.sums.rss == UNKNOWN;
		mem_grow(listing->rows, listing->n, listing->cap);
		listing->rows[listing->n++] = reply->row;
	} else {
		process_row_done(&reply->row);
		if (listing->targets[i].is_found)
			count_missing_process(&listing->missing, listing->targets[i].pid, reply->result);
		else
			refuse(listing, listing->targets[i].pid, reply->err.text);
	}
}

static void report_progress(void *taker, size_t n_done)
{
	struct listing *listing = taker;

	progress_say(&listing->progress, "%zu of %zu processes", n_done, listing->n_targets);
}

static void forget(struct listing *listing)
{
	for (size_t i = 0; i < listing->n; i++)
		process_row_done(&listing->rows[i]);
	free(listing->rows);
	for (size_t i = 0; i < listing->n_users; i++)
		free(listing->users[i].name);
	free(listing->users);
}

/* ---- what is shown ---- */

static void note_missing(const struct run *run, const struct listing *listing, struct notes *notes)
{
	note_missing_processes(&listing->missing, hint_at_user(run), notes);
	if (listing->n_without_sums > 0)
		notes_warn(notes, "rollup-missing",
			   "no figures of %zu process%s: there is no smaps_rollup (Linux 4.14)",
			   listing->n_without_sums, listing->n_without_sums == 1 ? "" : "es");
}

static void group(struct listing *listing, enum grouping by)
{
	size_t n;
	struct process_row *groups = group_processes(listing->rows, listing->n, by, &n);

	for (size_t i = 0; i < listing->n; i++)
		process_row_done(&listing->rows[i]);
	free(listing->rows);
	listing->rows = groups;
	listing->n = n;
	listing->cap = n; /* at least: the array has room for a group per row */
}

/* The sum comes last, below the sorted rows. */
static void add_total(struct listing *listing, enum grouping by)
{
	struct process_row total;

	process_row_init(&total);
	process_row_set_key(&total, by, "TOTAL");
	for (size_t i = 0; i < listing->n; i++)
		process_row_add(&total, &listing->rows[i], true);
	mem_grow(listing->rows, listing->n, listing->cap);
	listing->rows[listing->n++] = total;
}

static void print(struct run *run, struct listing *listing, const struct notes *notes)
{
	const struct options *options = &run->options;
	const struct layout layout = run_layout(run);
	struct view view;

	if (options->group)
		group(listing, options->group);
	if (options->openmetrics) {
		render_openmetrics(&run->out, listing->rows, &listing->n, options->group,
				   listing->missing.refused.n + listing->missing.unread.n +
					   listing->missing.silent.n);
		return;
	}
	add_total(listing, options->group);
	view_build_rows(&view, listing->rows, sizeof(*listing->rows), listing->n, 1, &options->spec);
	if (options->json)
		render_json_list(&run->json, &view, options->view, notes);
	else
		render_list(&run->out, &view, &layout);
	view_done(&view);
}

static void read_all(struct run *run, struct listing *listing)
{
	/* Static: threads that were given up may still read it. */
	static struct questions questions;
	const struct pool_jobs jobs = {
		.n = listing->n_targets,
		.result_size = sizeof(struct reply),
		.run = read_process,
		.context = &questions,
		.take = take_process,
		.taker = listing,
		.report = report_progress,
	};

	questions = (struct questions){
		.settings = { run->options.procfs, NULL, &questions.request, NULL, NULL },
		.wants_cgroup = run->request.needs & NEED_CGROUP,
		.cgroup = run->options.cgroup,
		.wants_sizes = run->request.needs & NEED_SIZES_BY_KIND,
		.targets = listing->targets,
	};
	questions.request.tid = NO_TID;
	pool_run(&jobs, READ_TIMEOUT_MS);
	progress_end(&listing->progress);
}

/* ---- which processes ---- */

struct target_list {
	struct target *items;
	size_t n, cap;
};

static void add_operand(struct run *run, const char *operand, struct target_list *list)
{
	struct target *targets = NULL;
	struct error err;
	size_t n = 0;
	int r = select_targets(operand, run->options.procfs, run->uid, &targets, &n, &err);

	if (n > 0 && !target_is_process(&targets[0])) {
		targets_free(targets, n);
		targets = NULL;
		n = 0;
		r = error_set(&err, -EINVAL, "not a process: --openmetrics shows only processes");
	}
	if (r < 0)
		report_selection(run, operand, n, r, &err);
	/* If some processes of a list do not exist, the others are still shown. */
	for (size_t i = 0; i < n; i++) {
		mem_grow(list->items, list->n, list->cap);
		list->items[list->n++] = targets[i];
	}
	free(targets);
}

/* All processes, or those of the operands. */
static void select_all(struct run *run, struct target_list *list)
{
	const char *procfs = run->options.procfs;
	struct error err;

	if (run->options.all && select_all_processes(procfs, run->uid, &list->items, &list->n, &err) < 0) {
		complain("--all", 0, err.text);
		run->has_failed = true;
	}
	for (const char **operand = run->options.targets; *operand; operand++)
		add_operand(run, *operand, list);
}

/* With --all, finding none is an answer; with named processes, it is a failure. */
static void report_nothing(struct run *run)
{
	if (run->options.all) {
		report_no_process(run->uid, run->options.cgroup);
	} else {
		complain(*run->options.targets, 0, "no process of that name has a memory map");
		run->has_failed = true;
	}
}

void show_processes(struct run *run)
{
	struct listing listing = { 0 };
	struct target_list targets = { 0 };
	struct notes notes = { 0 };
	bool is_empty;

	progress_init(&listing.progress, progress_terminal(run), PROGRESS_AFTER_MS);
	select_all(run, &targets);
	listing.targets = targets.items;
	listing.n_targets = listing.missing.n_all = targets.n;
	read_all(run, &listing);
	note_missing(run, &listing, &notes);
	is_empty = listing.n == 0 && notes.n == 0 && !listing.has_failed && !run->has_failed;
	print(run, &listing, &notes);
	out_flush(&run->out);
	if (is_empty)
		report_nothing(run);
	for (size_t i = 0; i < notes.n; i++)
		complain("--all", 0, notes.items[i].text);
	run->is_partial |= notes.n > 0;
	run->has_failed |= listing.has_failed;
	notes_done(&notes);
	forget(&listing);
	/* Threads that were given up may still read the targets. */
	if (listing.missing.silent.n == 0)
		targets_free(targets.items, targets.n);
}
