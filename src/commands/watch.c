/* SPDX-License-Identifier: MIT */
#include "commands/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/new_file.h"
#include "commands/messages.h"
#include "commands/read_guarded.h"
#include "commands/save.h"
#include "commands/screen.h"
#include "commands/watch_output.h"

static volatile sig_atomic_t stops, was_resized;

static void on_stop(int signal _unused_)
{
	stops = 1;
}

static void on_resize(int signal _unused_)
{
	was_resized = 1;
}

/*
 * A second signal of the same kind ends the program at once: a reading may take long. Only while the
 * kernel holds the reader up, both wait until the watchdog acts.
 */
static void catch_signals(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction stop = { .sa_handler = on_stop, .sa_flags = SA_RESTART | (int)SA_RESETHAND };
	struct sigaction resize = { .sa_handler = on_resize, .sa_flags = SA_RESTART };
	struct sigaction old;

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		/* Signals that are already ignored, as under nohup(1), stay ignored. */
		if (sigaction(ends[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(ends[i], &stop, NULL);
	sigaction(SIGWINCH, &resize, NULL);
}

static double now(void)
{
	return (double)clock_ns(CLOCK_MONOTONIC) / 1e9;
}

/* ---- the process ---- */

static int open_process(const char *procfs, int pid)
{
	_cleanup_free_ char *path = mem_format("%s/%d", procfs, pid);

	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* The PID may belong to another process already. */
static bool is_same_process(const struct watch *watch)
{
	return faccessat(watch->dir_fd, "stat", F_OK, 0) == 0;
}

/* False if there is nothing to watch; then the reason has been printed. */
static bool find_process(struct watch *watch)
{
	const struct options *options = &watch->run->options;
	struct target *target = select_one(watch->run, watch->operand, "--watch");
	bool is_process = target && target_is_process(target);

	if (is_process) {
		watch->target = *target;
		watch->dir_fd = open_process(options->procfs, target->pid);
		if (strcmp(options->procfs, "/proc") == 0)
			watch->pid_fd = (int)syscall(SYS_pidfd_open, target->pid, 0);
	} else if (target) {
		complain(watch->operand, 0, "a file does not change: --watch takes a process");
	}
	if (target)
		targets_free(target, 1);
	watch->has_failed = !is_process;
	return is_process;
}

/* Checked at the start: a snapshot that cannot be written would be lost just when it is needed. */
static bool can_save(struct watch *watch)
{
	const char *path = watch->run->options.save_path;
	struct error err;

	if (!path || new_file_check(path, &err) == 0)
		return true;
	complain(path, 0, err.text);
	watch->has_failed = true;
	return false;
}

/* ---- the end ---- */

/* A closed pipe ends the watch quietly; any other reason is printed below the last picture. */
static void report_end(struct watch *watch)
{
	struct run *run = watch->run;
	_cleanup_free_ char *growth = watch_format_change(watch->first_resident, watch->most_resident, false);
	_cleanup_free_ char *text = NULL;

	if (stops && watch->has_screen)
		fputs("\n", stderr);
	if (watch->error == -EPIPE)
		return;
	if (watch->error < 0) {
		complain_unwritten(-watch->error);
		watch->has_failed = true;
	}
	if (watch->n_rounds > 0)
		print_all_notes(run, watch->operand, &watch->target, &watch_last(watch)->space);
	if (watch->is_ended && !watch->has_failed)
		complain(watch->operand, 0, "the process has ended");
	if (run->options.save_path && !watch->is_saved && !watch->has_failed) {
		text = mem_format("no snapshot was saved: it grew by %s at most", growth + (*growth == '+'));
		complain(watch->operand, 0, text);
		run->is_partial = true;
	}
}

static void go_on_without(void *context, const struct error *err)
{
	struct watch *watch = context;

	complain(watch->operand, 0, err->text);
	watch->has_failed = true;
	report_end(watch);
	watch->run->has_failed = true;
	end_run(watch->run);
}

/* ---- rounds ---- */

static struct round *round_before(struct watch *watch)
{
	return &watch->rounds[(watch->n_rounds + 1) % 2];
}

static void round_done(struct round *round)
{
	if (!round->is_there)
		return;
	view_done(&round->view);
	space_done(&round->space);
	round->is_there = false;
}

static void find_marks(struct watch *watch)
{
	const struct options *options = &watch->run->options;
	struct round *round = watch_last(watch);

	free(watch->marks.of);
	watch->marks = (struct marks){ .of = mem_alloc(round->view.rows.n) };
	if (!round_before(watch)->is_there)
		return;
	free(watch->marks.of);
	marks_find(&round_before(watch)->view, &round->view, options->view, options->columns,
		   options->n_columns, &watch->marks);
}

static void note_resident(struct watch *watch, uint64_t resident)
{
	if (watch->n_rounds == 1) {
		watch->first_resident = resident;
		watch->most_resident = resident;
		watch->first_time = watch_last(watch)->time;
	}
	if (resident != UNKNOWN && (watch->most_resident == UNKNOWN || resident > watch->most_resident))
		watch->most_resident = resident;
}

static void go_on_without_round(void *context, const struct error *err)
{
	struct watch *watch = context;

	watch->n_rounds--;
	go_on_without(watch, err);
}

/* False if there is nothing new to show. */
static bool read_round(struct watch *watch)
{
	struct run *run = watch->run;
	const struct successor successor = { go_on_without_round, watch };
	struct read_settings settings = run_settings(run);
	struct round *round;
	struct error err;
	double start = now();
	int r;

	/* It is one process, however often it makes us wait. */
	settings.run_ms_left = NULL;
	watch->n_rounds++;
	round = watch_last(watch);
	round_done(round);
	round->time = time(NULL);
	r = read_guarded(&settings, &watch->target, &successor, &round->space, &err);
	round->seconds = now() - start;
	round->is_there = r == 0;
	if (r == 0) {
		round->spaces[0] = &round->space;
		view_build(&round->view, round->spaces, 1, &run->options.spec);
	}
	watch->is_ended = r == -ESRCH || r == -ENODATA || !is_same_process(watch);
	if (r < 0 && (!watch->is_ended || watch->n_rounds == 1)) {
		complain(watch->operand, 0, err.text);
		watch->has_failed = true;
	}
	if (r < 0 || watch->is_ended) {
		round_done(round);
		watch->n_rounds--;
		return false;
	}
	note_resident(watch, round->space.facts.process.resident);
	find_marks(watch);
	return true;
}

/* ---- between rounds ---- */

static void go_on_without_snapshot(void *context, const struct error *err)
{
	struct watch *watch = context;

	watch_show(watch);
	go_on_without(watch, err);
}

static void save_when_grown(struct watch *watch)
{
	const struct successor successor = { go_on_without_snapshot, watch };
	const struct options *options = &watch->run->options;
	uint64_t resident = watch_last(watch)->space.facts.process.resident;
	struct error err;

	if (!options->save_path || watch->is_saved || resident == UNKNOWN ||
	    watch->first_resident == UNKNOWN || resident < watch->first_resident ||
	    resident - watch->first_resident < options->growth)
		return;
	if (save_snapshot(options, &watch->target, &successor, options->save_path, &err) < 0) {
		/* If the process has just ended, the next round finds that out. */
		watch->has_failed = is_same_process(watch);
		if (watch->has_failed)
			complain(watch->operand, 0, err.text);
		return;
	}
	watch->is_saved = true;
}

static struct timespec time_left(double end)
{
	double left = MAX(end - now(), 0);
	time_t seconds = (time_t)left;

	return (struct timespec){ seconds, (long)((left - (double)seconds) * 1e9) };
}

/* Redraws the last round if the terminal was resized. */
static void follow_size(struct watch *watch)
{
	if (was_resized && watch->has_screen)
		watch_show_in_place(watch);
	was_resized = 0;
}

/* Waits until the next round is due, the process ends, the reader closes the pipe, or a signal stops us. */
static void wait_for_round(struct watch *watch)
{
	double end = now() + (double)watch->run->options.interval / 1000;
	struct pollfd fds[] = {
		{ .fd = STDOUT_FILENO },
		{ .fd = watch->pid_fd, .events = POLLIN },
	};
	sigset_t all, old;
	int n = -1;

	/* ppoll() unblocks signals: none can arrive unnoticed between the checks and the wait. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	while (n < 0 && !stops && !watch->error) {
		struct timespec timeout;

		follow_size(watch);
		timeout = time_left(end);
		n = ppoll(fds, ARRAY_SIZE(fds), &timeout, &old);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (n > 0 && fds[0].revents)
		watch->error = -EPIPE;
	else if (n > 0)
		watch->is_ended = true;
}

/* ---- all of it ---- */

static void run_rounds(struct watch *watch)
{
	uint64_t n_max = watch->run->options.n_rounds;

	while (!stops && read_round(watch)) {
		save_when_grown(watch);
		watch_show(watch);
		if (watch->error || watch->has_failed || watch->n_rounds == n_max)
			return;
		wait_for_round(watch);
		if (watch->error || watch->is_ended)
			return;
	}
}

void show_watch(struct run *run)
{
	struct watch watch = {
		.run = run,
		.operand = run->options.targets[0],
		.dir_fd = -1,
		.pid_fd = -1,
		.first_resident = UNKNOWN,
		.most_resident = UNKNOWN,
		.has_screen = screen_is_there() && !run->options.json && !run->options.raw,
	};

	if (can_save(&watch) && find_process(&watch)) {
		catch_signals();
		if (watch.has_screen)
			screen_open();
		run_rounds(&watch);
		report_end(&watch);
	}
	run->has_failed |= watch.has_failed;
	round_done(&watch.rounds[0]);
	round_done(&watch.rounds[1]);
	free(watch.marks.of);
	cleanup_close(&watch.dir_fd);
	cleanup_close(&watch.pid_fd);
}
