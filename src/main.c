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

#include "analysis/anon_use.h"
#include "analysis/classify.h"
#include "analysis/modules.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/text.h"
#include "config.h"
#include "elf/elf_file.h"
#include "front/options.h"
#include "front/select.h"
#include "inspect/lookup.h"
#include "inspect/measure.h"
#include "model/space.h"
#include "output/render_json.h"
#include "output/render_table.h"
#include "pages/runs.h"
#include "proc/limits.h"
#include "proc/list.h"
#include "proc/objects.h"
#include "proc/process.h"
#include "proc/read_map.h"
#include "proc/threads.h"
#include "runtime/arenas.h"
#include "runtime/stacks.h"
#include "unwind/frames.h"

/* How often a process that executes another program meanwhile is read anew, a millisecond later
 * at first and then after longer pauses. */
#define PROCESS_ATTEMPTS 8

enum status { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_PARTIAL = 3 };

struct run {
	struct options options;
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

#define RESIDENT_FIGURES (FIGURE_BIT(FIGURE_RSS) | FIGURE_BIT(FIGURE_SWAP))

/* The same without what smaps keeps apart: here hugetlb pages are counted like all others. */
#define COUNTED_FIGURES (FIGURE_BIT(FIGURE_KERNEL_RSS) | FIGURE_BIT(FIGURE_SWAP))

/*
 * Resident and swapped memory alone come from the page map, at less than half the cost of smaps;
 * everything else from smaps, which then is the map as well.
 */
enum reading { READ_MAPS, READ_PAGES, READ_SMAPS };

static enum reading choose_reading(const struct options *options)
{
	uint64_t wanted = options_figures(options);

	if (wanted & ~RESIDENT_FIGURES || options_needs(options) & NEED_FLAGS)
		return READ_SMAPS;
	return wanted ? READ_PAGES : READ_MAPS;
}

static void read_pages_shown(const struct options *options, struct proc *proc, struct space *space)
{
	struct view_spec spec = options->spec;
	struct view view;
	struct error err;

	spec.sort = NULL;
	spec.collect = NULL;
	view_build(&view, space, &spec);
	if (read_page_runs(proc, space, view.regions, view.n_regions, &space->answers, &err) < 0) {
		notes_lack(&space->answers.notes, "pagemap-denied", "no pages: %s", err.text);
		space->answers.lacks_pages = true;
	}
	view_done(&view);
}

static void read_frames_shown(const struct options *options, int target, struct proc *proc,
			      struct space *space)
{
	int32_t tid = options->frames_tid == NO_TID ? target : options->frames_tid;
	struct error err;

	if (read_frames(proc, space, tid, options->wants_debuginfod, &space->answers, &err) < 0) {
		notes_lack(&space->answers.notes, "frames-denied", "no frames: %s", err.text);
		space->answers.lacks_frames = true;
	}
}

#define USE_SMAPS 1 /* no page map to scan: smaps has the figures too */

/* Everything about the process, from first to last as long as it is the same. */
static int read_facts(const struct options *options, int target, struct proc *proc, enum reading reading,
		      struct space *space, struct error *err)
{
	unsigned needs = options_needs(options);
	int r;

	struct facts *facts = &space->facts;
	struct judgement *judgement = &space->judgement;

	if (reading == READ_SMAPS)
		usage_init(&facts->usage, options_figures(options), options->json || needs & NEED_FLAGS);
	else if (reading == READ_PAGES)
		usage_init(&facts->usage, COUNTED_FIGURES, false);
	read_threads(proc, facts, needs & NEED_THREADS);
	r = read_process(proc, facts, reading == READ_SMAPS, err);
	if (r < 0)
		return r;
	read_objects(proc, facts, needs);
	read_stacks(proc, facts);
	if (needs & NEED_THREADS)
		read_stack_use(proc, facts);
	read_heaps(proc, facts, needs & NEED_ARENA_USERS);
	if (needs & NEED_LIMITS)
		read_limits(proc, facts);
	find_modules(facts, judgement);
	find_extents(facts, judgement);
	classify(facts, needs & NEED_CUTS, judgement);
	if (reading == READ_SMAPS)
		measure_divided(proc, facts, judgement);
	else if (reading == READ_PAGES && measure_resident(proc, facts, judgement) < 0)
		return USE_SMAPS;
	if (needs & NEED_PAGES)
		read_pages_shown(options, proc, space);
	if (needs & NEED_PLACES)
		read_places(proc, -1, space, options->queries, options->n_queries, options->wants_debuginfod,
			    &space->answers);
	if (needs & NEED_FRAMES)
		read_frames_shown(options, target, proc, space);
	if (needs & NEED_TOTALS)
		read_totals(proc, space, reading == READ_SMAPS, &space->answers.notes);
	return proc_verify(proc, err);
}

static int read_once(const struct options *options, int pid, struct space *space, struct error *err)
{
	enum reading reading = choose_reading(options);
	struct proc proc;
	int r = proc_open(&proc, options->procfs, pid, err);

	if (r < 0)
		return r;
	do {
		space_init(space);
		r = read_facts(options, pid, &proc, reading, space, err);
		if (r != 0)
			space_done(space);
		reading = READ_SMAPS;
	} while (r == USE_SMAPS);
	proc_done(&proc);
	return r;
}

static int read_process_target(const struct options *options, const struct target *target,
			       struct space *space, struct error *err)
{
	int r = -ESTALE;

	for (unsigned attempt = 0; r == -ESTALE && attempt < PROCESS_ATTEMPTS; attempt++) {
		if (attempt > 0)
			usleep(500u << attempt);
		r = read_once(options, target->pid, space, err);
	}
	return r;
}

static int read_elf_target(const struct options *options, const struct target *target, struct space *space,
			   struct error *err)
{
	unsigned needs = options_needs(options);
	int r;

	/* JSON has the threads in any case; that a file has none is news only to those who ask. */
	if (!(options->view->needs & NEED_THREADS))
		needs &= ~(unsigned)NEED_THREADS;
	space_init(space);
	r = read_elf_file(target->fd, target->path, needs, &space->facts, err);
	if (r < 0) {
		space_done(space);
		return r;
	}
	space->answers.lacks_pages = needs & NEED_PAGES;
	space->answers.lacks_frames = needs & NEED_FRAMES;
	add_module(&space->facts, &space->judgement, ELF_FILE_OBJECT, 0);
	classify(&space->facts, needs & NEED_CUTS, &space->judgement);
	if (needs & NEED_PLACES)
		read_places(NULL, target->fd, space, options->queries, options->n_queries,
			    options->wants_debuginfod, &space->answers);
	return 0;
}

static int read_target(const struct options *options, const struct target *target, struct space *space,
		       struct error *err)
{
	static int (*const readers[N_ORIGINS])(const struct options *, const struct target *, struct space *,
					       struct error *) = {
		[ORIGIN_PROCESS] = read_process_target,
		[ORIGIN_ELF] = read_elf_target,
	};

	return readers[target->source](options, target, space, err);
}

/* ---- showing ---- */

static void show(struct run *run, const struct space *space)
{
	const struct options *options = &run->options;
	const struct layout layout = { options->columns, options->n_columns, &run->style };
	struct view view;

	view_build(&view, space, &options->spec);
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
		run->is_partial |= notes->items[i].is_lack;
	}
}

static void show_target(struct run *run, const char *operand, const struct target *target)
{
	struct space space;
	struct error err;
	int r = read_target(&run->options, target, &space, &err);

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
	if (r == 0 && run.options.spec.name)
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
