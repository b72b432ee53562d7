/* SPDX-License-Identifier: MIT */
/*
 * Runs the stages in order, target by target: select, read, decide, print. Everything that
 * fails below is told here, in one line, and nowhere else.
 */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/text.h"
#include "config.h"
#include "elf/elf_file.h"
#include "front/options.h"
#include "front/targets.h"
#include "inspect/inspect.h"
#include "output/render_json.h"
#include "output/render_table.h"
#include "proc/process_list.h"
#include "proc/process_source.h"

/* How often a process that executes another program meanwhile is read anew, a millisecond later
 * at first and then after longer pauses. */
#define PROCESS_ATTEMPTS 8

enum status { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_PARTIAL = 3 };

struct run {
	struct options options;
	struct request request;
	struct table_style style;
	struct out out;
	struct json json;
	size_t n_shown; /* targets */
	size_t n_told;	/* targets that were shown or complained of */
	bool has_failed, is_partial;
};

/* Whatever went into a text, it is one line and harmless when it comes out. */
static void tell(const char *target, int pid, const char *text)
{
	_cleanup_free_ char *safe_target = text_escape(target, strlen(target), TEXT_TABLE);
	_cleanup_free_ char *safe = text_escape(text, strlen(text), TEXT_TABLE);

	if (pid)
		fprintf(stderr, "memmap: %s (%d): %s\n", safe_target, pid, safe);
	else
		fprintf(stderr, "memmap: %s: %s\n", safe_target, safe);
}

/* ---- reading ---- */

static int read_once(const struct run *run, int pid, struct space *space, struct error *err)
{
	struct request request = run->request;
	struct proc_source process;
	int r = proc_source_open(&process, run->options.procfs, pid, err);

	if (r < 0)
		return r;
	/* A target that is a thread stands for its process, but its frames are its own. */
	if (request.tid == NO_TID)
		request.tid = pid;
	r = inspect(&process.source, &request, space, err);
	source_close(&process.source);
	return r;
}

static int read_process_target(const struct run *run, const struct target *target, struct space *space,
			       struct error *err)
{
	int r = -ESTALE;

	for (unsigned attempt = 0; r == -ESTALE && attempt < PROCESS_ATTEMPTS; attempt++) {
		if (attempt > 0)
			usleep(500u << attempt);
		r = read_once(run, target->pid, space, err);
	}
	return r;
}

static int read_elf_target(const struct run *run, const struct target *target, struct space *space,
			   struct error *err)
{
	struct elf_file file;

	elf_file_init(&file, target->fd, target->path);
	return inspect(&file.source, &run->request, space, err);
}

static int read_target(const struct run *run, const struct target *target, struct space *space,
		       struct error *err)
{
	static int (*const readers[N_ORIGINS])(const struct run *, const struct target *, struct space *,
					       struct error *) = {
		[ORIGIN_PROCESS] = read_process_target,
		[ORIGIN_ELF] = read_elf_target,
	};

	return readers[target->source](run, target, space, err);
}

/* ---- showing ---- */

static void show(struct run *run, const struct space *space)
{
	const struct options *options = &run->options;
	const struct layout layout = { options->columns, options->n_columns, &run->style };
	struct view view;

	view_build(&view, &space, 1, &options->spec);
	if (options->json) {
		render_json_target(&run->json, &view, options->view, options->explained);
	} else {
		if (run->n_shown > 0 && !run->style.raw && !run->style.no_headings)
			out_char(&run->out, '\n');
		render_table(&run->out, &view, options->view, &layout, options->explained);
	}
	view_done(&view);
	run->n_shown++;
}

static void tell_notes(struct run *run, const char *operand, const struct target *target,
		       const struct notes *notes)
{
	/* In order with what was shown, where both go to one place. */
	if (notes->n > 0)
		out_flush(&run->out);
	for (size_t i = 0; i < notes->n; i++) {
		tell(operand, target->is_found ? target->pid : 0, notes->items[i].text);
		run->is_partial |= notes->items[i].is_warning;
	}
}

static void show_target(struct run *run, const char *operand, const struct target *target)
{
	struct space space;
	struct error err;
	int r = read_target(run, target, &space, &err);

	if (r < 0) {
		if (target->is_found && (r == -ESRCH || r == -ENODATA || r == -ESTALE))
			return;
		run->n_told++;
		tell(operand, target->is_found ? target->pid : 0, err.text);
		run->has_failed = true;
		return;
	}
	show(run, &space);
	run->n_told++;
	tell_notes(run, operand, target, &space.facts.notes);
	tell_notes(run, operand, target, &space.answers.notes);
	space_done(&space);
}

static void show_operand(struct run *run, const char *operand, uint64_t uid)
{
	struct target *targets = NULL;
	struct error err;
	size_t n_told = run->n_told;
	size_t n = 0;

	if (select_targets(operand, run->options.procfs, uid, &targets, &n, &err) < 0) {
		tell(operand, 0, err.text);
		run->has_failed = true;
	}
	for (size_t i = 0; i < n; i++)
		show_target(run, operand, &targets[i]);
	if (n > 0 && run->n_told == n_told) {
		tell(operand, 0, "no process of that name has a memory map");
		run->has_failed = true;
	}
	targets_free(targets, n);
}

static size_t terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void set_style(struct run *run)
{
	const struct options *options = &run->options;
	const char *no_colour = getenv("NO_COLOR");
	bool is_auto = isatty(STDOUT_FILENO) && !(no_colour && *no_colour);

	run->style = (struct table_style){
		.bytes = options->bytes,
		.raw = options->raw,
		.no_headings = options->no_headings,
		.colour = !options->raw &&
			  (options->colour == COLOUR_ALWAYS || (options->colour == COLOUR_AUTO && is_auto)),
		.width = options->no_truncate || options->raw ? 0 : terminal_width(),
	};
}

/* Several apply: the lowest number wins. */
static enum status run_status(const struct run *run)
{
	if (run->has_failed)
		return STATUS_FAILED;
	return run->is_partial ? STATUS_PARTIAL : STATUS_OK;
}

/* A reader that has seen enough closes its end; that is no error. */
static void finish_output(struct run *run)
{
	int r = out_flush(&run->out);

	if (r == 0 || r == -EPIPE)
		return;
	fprintf(stderr, "memmap: cannot write: %s\n", strerror(-r));
	run->has_failed = true;
}

static void show_all(struct run *run, uint64_t uid)
{
	run->request = options_request(&run->options);
	set_style(run);
	/* One buffer is enough, and it is ours. */
	setvbuf(stdout, NULL, _IONBF, 0);
	out_init(&run->out, stdout);
	json_init(&run->json, &run->out);
	if (run->options.json)
		render_json_begin(&run->json);
	for (char **operand = run->options.targets; *operand; operand++)
		show_operand(run, *operand, uid);
	if (run->options.json)
		render_json_end(&run->json);
	finish_output(run);
}

static enum status print_information(const struct options *options)
{
	if (options->action == ACTION_HELP)
		options_print_help(stdout);
	else if (options->action == ACTION_LIST_COLUMNS)
		options_print_columns(options, stdout);
	else
		puts("memmap " VERSION);
	if (fflush(stdout) == 0 || errno == EPIPE)
		return STATUS_OK;
	fprintf(stderr, "memmap: cannot write: %s\n", strerror(errno));
	return STATUS_FAILED;
}

static enum status refuse_usage(const struct error *err)
{
	_cleanup_free_ char *safe = text_escape(err->text, strlen(err->text), TEXT_TABLE);

	fprintf(stderr, "memmap: %s\nTry 'memmap --help' for more information.\n", safe);
	return STATUS_USAGE;
}

int main(int argc, char **argv)
{
	static struct run run;
	uint64_t uid = ANY_USER;
	enum status status;
	struct error err;
	int r;

	mem_init();
	r = options_parse(&run.options, argc, argv, &err);
	/* What a pattern's "?" stands for depends on the locale; nothing else needs it so early. */
	if (r == 0 && run.options.spec.selection.name)
		setlocale(LC_CTYPE, "");
	if (r == 0 && run.options.user)
		r = select_user(run.options.user, &uid, &err);
	if (r < 0) {
		status = refuse_usage(&err);
	} else if (run.options.action != ACTION_SHOW) {
		status = print_information(&run.options);
	} else {
		show_all(&run, uid);
		status = run_status(&run);
	}
	options_done(&run.options);
	return (int)status;
}
