/* SPDX-License-Identifier: MIT */
#include "inspect/inspect.h"

#include <stdlib.h>
#include <time.h>

#include "analysis/anon_use.h"
#include "analysis/verify_regions.h"
#include "analysis/classify.h"
#include "analysis/compare_sums.h"
#include "analysis/core_size.h"
#include "analysis/modules.h"
#include "analysis/selection.h"
#include "analysis/thread_stacks.h"
#include "check/check.h"
#include "elf/elf_file.h"
#include "heap/block_groups.h"
#include "heap/large_mappings.h"
#include "heap/read_heap.h"
#include "heap/read_leaks.h"
#include "inspect/lookup.h"
#include "inspect/lookup_blocks.h"
#include "inspect/measure.h"
#include "inspect/read_sharing.h"
#include "pages/runs.h"
#include "pages/stack_use.h"
#include "runtime/arenas.h"
#include "runtime/current_stacks.h"
#include "runtime/stacks.h"
#include "runtime/vdso.h"
#include "unwind/read_frames.h"

/* ---- facts ---- */

/* The counters that a page map gives. smaps keeps hugetlb pages apart; here they count like any others. */
#define COUNTED_COUNTERS (COUNTER_BIT(COUNTER_KERNEL_RSS) | COUNTER_BIT(COUNTER_SWAP))

static void make_room_for_smaps(const struct request *request, struct usage *usage)
{
	bool wants_core_size = request->needs & NEED_CORE_SIZE;

	usage_init(usage, request->counters | (wants_core_size ? CORE_SIZE_COUNTERS : 0),
		   request->all_counters);
	usage->keeps_flags |= wants_core_size;
}

static void make_room(const struct request *request, struct usage *usage)
{
	enum reading reading = request_reading(request);

	if (reading == READ_SMAPS)
		make_room_for_smaps(request, usage);
	else if (reading == READ_PAGES)
		usage_init(usage, COUNTED_COUNTERS, false);
}

static int read_facts(struct source *source, const struct request *request, struct facts *facts,
		      struct error *err)
{
	int r;

	r = source_read_facts(source, request, facts, err);
	if (r < 0)
		return r;
	if (request->needs & NEED_VDSO)
		read_vdso(source, facts);
	read_stacks(source, facts);
	read_current_stacks(source, facts);
	read_heaps(source, facts, request->needs & NEED_ARENA_USERS);
	if (request->needs & NEED_LARGE_BLOCKS)
		find_large_blocks(source, facts);
	return 0;
}

/* ---- judgement ---- */

static void judge(const struct facts *facts, const struct request *request, struct judgement *judgement,
		  struct notes *notes)
{
	if (facts->origin == ORIGIN_ELF)
		add_module(facts, judgement, ELF_FILE_OBJECT, 0);
	else
		find_modules(facts, judgement);
	note_lost_modules(facts, judgement, notes);
	find_anon_uses(facts, judgement);
	classify(facts, request->needs & NEED_CUTS, judgement);
	note_unsought_sections(judgement, notes);
	find_stack_ranges(facts, judgement);
	judgement->has_cuts = request->needs & NEED_CUTS;
	if (request->needs & NEED_CORE_SIZE)
		judgement->core_size = forecast_core_size(facts);
}

/* Gives regions their counters. A negative errno if only smaps has them. */
static int measure(struct source *source, const struct request *request, const struct facts *facts,
		   struct judgement *judgement)
{
	enum reading reading = request_reading(request);

	if (facts->usage.n_slots == 0)
		return 0;
	if (reading == READ_PAGES)
		return measure_resident(source, facts, judgement);
	measure_divided(source, facts, judgement);
	return 0;
}

/* ---- answers ---- */

static void answer_pages(struct source *source, const struct request *request, const struct space *space,
			 struct answers *answers)
{
	_cleanup_free_ uint32_t *regions = NULL;
	struct error err;
	size_t n;

	regions = select_regions(space, &request->selection, &n);
	if (read_page_runs(source, space, regions, n, answers, &err) < 0) {
		notes_warn(&answers->notes, "pagemap-denied", "no pages: %s", err.text);
		answers->pages_missing = true;
	}
}

static void answer_lookups(struct source *source, const struct request *request, const struct space *space,
			   struct answers *answers)
{
	read_lookups(source, space, request, answers);
	if (space->facts.origin != ORIGIN_ELF)
		read_lookup_blocks(source, space, request, answers);
}

/* For a core file, the thread that got the signal; otherwise the main thread. */
static int32_t default_thread(const struct facts *facts)
{
	if (facts->core.tid != NO_TID)
		return facts->core.tid;
	if (facts_find_thread(facts, facts->process.pid) < facts->n_threads)
		return facts->process.pid;
	return facts->n_threads > 0 ? facts->threads[0].tid : NO_TID;
}

static void answer_frames(struct source *source, const struct request *request, const struct space *space,
			  struct answers *answers)
{
	int32_t tid = request->tid == NO_TID ? default_thread(&space->facts) : request->tid;
	enum debug_use use = request->wants_debuginfod ? DEBUG_FETCHED : DEBUG_INSTALLED;
	struct error err;

	if (read_frames_apart(source, space, tid, use, answers, &err) < 0) {
		notes_warn(&answers->notes, "frames-denied", "no frames: %s", err.text);
		answers->frames_missing = true;
	}
}

static void answer_heap(struct source *source, const struct space *space, struct answers *answers)
{
	read_heap(source, space, NULL, NULL, &answers->heap, &answers->notes);
	source_release_process(source);
}

/* `space` has its facts and judgement; `answers` are its own, to be filled. */
static void answer(struct source *source, const struct request *request, const struct space *space,
		   struct answers *answers)
{
	bool is_process = space->facts.origin == ORIGIN_PROCESS;
	bool has_threads = space->facts.origin != ORIGIN_ELF;
	unsigned needs = request->needs;

	if (needs & NEED_THREADS)
		read_stack_use(source, space, answers);
	if (needs & NEED_PAGES && is_process)
		answer_pages(source, request, space, answers);
	if (needs & NEED_LOOKUPS)
		answer_lookups(source, request, space, answers);
	if (needs & NEED_FRAMES && has_threads)
		answer_frames(source, request, space, answers);
	if (needs & NEED_HEAP && has_threads)
		answer_heap(source, space, answers);
	if (needs & NEED_BLOCKS && has_threads)
		read_blocks(source, space, request->wants_debuginfod, &answers->heap, &answers->blocks,
			    &answers->notes);
	if (needs & NEED_LEAKS && has_threads)
		read_leaks(source, space, request->wants_debuginfod, &answers->heap, &answers->leaks,
			   &answers->notes);
	if (needs & NEED_SHARING && is_process)
		read_sharing(source, space, answers);
	answers->sharing.is_missing |= needs & NEED_SHARING && !is_process;
	if (needs & NEED_CHECKS)
		check_space(source, space, request->checks, answers);
	answers->heap.is_missing |= needs & (NEED_HEAP | NEED_BLOCKS) && !has_threads;
	answers->leaks.is_missing |= needs & NEED_LEAKS && !has_threads;
	answers->pages_missing |= needs & NEED_PAGES && !is_process;
	answers->frames_missing |= needs & NEED_FRAMES && !has_threads;
}

static void check_sums(struct source *source, const struct request *request, const struct space *space,
		       struct notes *notes)
{
	bool has_smaps = request_reading(request) == READ_SMAPS && space->facts.usage.n_slots > 0;
	/* smaps_rollup walks the page tables again: too expensive unless smaps was asked for. */
	struct kernel_sums sums = source_read_sums(source, has_smaps);

	compare_sums(space, &sums, notes);
}

/* ---- all of it ---- */

struct attempt {
	struct source *source;
	const struct request *request;
	struct space *space;
	bool was_held; /* all threads stood still during the attempt */
	bool is_last;  /* a changing map no longer calls for another attempt */
	bool needs_smaps, is_early;
};

#define LOOKS_MAX 6

/* Whether loaded files change, now or within 63 ms: the process that loads them may be waiting for a CPU. */
static bool files_change(struct source *source, const struct facts *facts)
{
	bool can_go_on = source->is_native && !source->is_held;
	bool has_changed = source_loaded_files_changed(source, facts);

	for (unsigned n = 0; can_go_on && !has_changed && n < LOOKS_MAX; n++) {
		struct timespec pause = { .tv_nsec = 1000000L << n };

		nanosleep(&pause, NULL);
		has_changed = source_loaded_files_changed(source, facts);
	}
	return has_changed;
}

/*
 * A loader maps a library whole and then segment by segment: for a moment the mappings fit no ELF
 * file. If they do not fit while nothing is being loaded, they never will.
 */
static bool is_loading(const struct attempt *attempt)
{
	const struct space *space = attempt->space;

	return !attempt->is_last && notes_have(&space->answers.notes, "module-lost") &&
	       files_change(attempt->source, &space->facts);
}

static int run(void *context, struct error *err)
{
	struct attempt *attempt = context;
	struct source *source = attempt->source;
	const struct request *request = attempt->request;
	struct space *space = attempt->space;
	int r;

	make_room(request, &space->facts.usage);
	if (source_is_judged(source)) {
		r = source_read_space(source, request, space, err);
		if (r == 0 && request->needs & NEED_CHECKS)
			check_space(source, space, request->checks, &space->answers);
		return r;
	}
	r = read_facts(source, request, &space->facts, err);
	if (r < 0)
		return r;
	judge(&space->facts, request, &space->judgement, &space->answers.notes);
	attempt->is_early = is_loading(attempt);
	if (attempt->is_early)
		return 0;
	attempt->needs_smaps = measure(source, request, &space->facts, &space->judgement) < 0;
	if (attempt->needs_smaps)
		return 0;
	r = check_regions(space, err);
	if (r < 0)
		return r;
	sum_swapped(space);
	answer(source, request, space, &space->answers);
	if (request->needs & NEED_TOTALS)
		check_sums(source, request, space, &space->answers.notes);
	source_note_unread(source, &space->answers.notes);
	return source_verify(source, err);
}

static int run_held(void *context, struct error *err)
{
	struct attempt *attempt = context;

	attempt->was_held = true;
	return run(attempt, err);
}

/* Stops the threads if the request asks for it; if that fails, reads the process while they run. */
static int run_as_wanted(struct attempt *attempt, struct error *err)
{
	struct notes *notes = &attempt->space->answers.notes;
	int r;

	if (!attempt->request->stops || source_is_judged(attempt->source))
		return run(attempt, err);
	r = source_hold_process(attempt->source, run_held, attempt, err);
	if (r == 0 && attempt->source->is_native)
		notes_add(notes, "stopped", "all threads were stopped for %.1f ms, to read memory",
			  attempt->source->held_ms);
	if (attempt->was_held)
		return r;
	notes_warn(notes, "stop-denied", "not stopped: %s", err->text);
	return run(attempt, err);
}

/*
 * All attempts count, for whatever reason and in however many sources of the target: the reasons of a
 * hostile process must not multiply.
 */
#define STOPS_MAX 16
#define LOADS_MAX 8

#define SAME_MAX 3     /* stops in succession that find the same blocks broken */
#define RELEASE_MS 20u /* between stops; four times as long each time that the same blocks are broken */
#define HELD_MAX 5000  /* ms in all stops, after which there is no further one */

struct stops {
	uint64_t broken_sum; /* as in struct heap */
	unsigned n_same;
	double held_ms;
};

/*
 * A thread stopped in the middle of malloc(3) makes the heap look corrupt, but hardly ever in the same place
 * several times; a heap that is corrupt stays so.
 */
static bool should_stop_again(const struct attempt *attempt, struct stops *stops)
{
	const struct source *source = attempt->source;
	const struct heap *heap = &attempt->space->answers.heap;

	if (!attempt->was_held || !source->is_native || !heap->is_broken)
		return false;
	stops->n_same = heap->broken_sum == stops->broken_sum ? stops->n_same + 1 : 1;
	stops->broken_sum = heap->broken_sum;
	stops->held_ms += source->held_ms;
	return stops->n_same < SAME_MAX && stops->held_ms < HELD_MAX && source->n_attempts < STOPS_MAX;
}

/* On a busy machine, the thread that changes the heap may need a while to get on. */
static void let_get_on(const struct stops *stops)
{
	unsigned ms = RELEASE_MS << (2 * (stops->n_same - 1));

	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
}

static void shorten_names(struct space *space)
{
	if (space_cut_names(space))
		notes_warn(
			&space->answers.notes, "names-cut",
			"names of more than %d bytes are cut off: all regions together would show too much text",
			REGION_NAME_USUAL);
}

int inspect(struct source *source, const struct request *request, struct space *space, struct error *err)
{
	struct request wanted = *request;
	struct stops stops = { 0 };
	struct attempt attempt;
	bool is_done = false, stops_again;
	int r = 0;

	while (r == 0 && !is_done) {
		space_init(space);
		attempt = (struct attempt){ .source = source, .request = &wanted, .space = space };
		attempt.is_last = source->n_attempts++ >= LOADS_MAX;
		r = run_as_wanted(&attempt, err);
		stops_again = r == 0 && should_stop_again(&attempt, &stops);
		is_done = r == 0 && !attempt.is_early && !attempt.needs_smaps && !stops_again;
		if (!is_done)
			space_done(space);
		if (stops_again)
			let_get_on(&stops);
		/* The page map did not give the counters; smaps has them, too. */
		wanted.must_read_smaps |= attempt.needs_smaps;
	}
	if (r == 0)
		shorten_names(space);
	return r;
}
