/* SPDX-License-Identifier: MIT */
#include "pages/runs.h"

#include <errno.h>
#include <inttypes.h>

#include "base/mem.h"

/*
 * 16 GB of pages, each unlike the next: nobody reads that many rows. Pages that were read but never written
 * take no memory but page tables, 500 times less than their size.
 */
#define PAGE_RUNS_MAX (UINT64_C(1) << 22)

struct reader {
	struct source *source;
	struct answers *answers; /* whose page_runs grow */
	uint64_t page_size;
	uint32_t region;
	int error;	 /* from reading words: a negative errno, or 0 */
	bool hides_swap; /* pages that are not present may be swapped out */
	bool knows_lazy;
	uint64_t lazily_freed; /* bytes in the whole process, or UNKNOWN; valid with knows_lazy */
	uint64_t at;	       /* the end of the runs made so far */
	bool is_full;	       /* there are more than PAGE_RUNS_MAX */
};

static bool is_alike(const struct page_run *a, const struct page_run *b)
{
	return a->end == b->start && a->region == b->region && a->state == b->state &&
	       a->is_huge == b->is_huge && a->is_shared == b->is_shared && a->is_dirty == b->is_dirty;
}

static void add_run(struct reader *reader, const struct page_run *run)
{
	struct answers *answers = reader->answers;

	if (run->start >= run->end || reader->is_full)
		return;
	if (answers->n_page_runs > 0 && is_alike(&answers->page_runs[answers->n_page_runs - 1], run)) {
		answers->page_runs[answers->n_page_runs - 1].end = run->end;
	} else if (answers->n_page_runs >= PAGE_RUNS_MAX) {
		reader->is_full = true;
		return;
	} else {
		mem_grow(answers->page_runs, answers->n_page_runs, answers->cap_page_runs);
		answers->page_runs[answers->n_page_runs++] = *run;
	}
	reader->at = run->end;
}

/* Adds pages [start, end), of which only the state is known, and before them those not present. */
static void add_plain(struct reader *reader, uint64_t start, uint64_t end, enum page_state state)
{
	struct page_run run = {
		.region = reader->region,
		.is_huge = ANSWER_UNKNOWN,
		.is_shared = ANSWER_UNKNOWN,
		.is_dirty = ANSWER_UNKNOWN,
	};

	run.start = reader->at;
	run.end = start;
	run.state = reader->hides_swap ? PAGES_UNKNOWN : PAGES_UNTOUCHED;
	add_run(reader, &run);
	run.start = start;
	run.end = end;
	run.state = (uint8_t)state;
	add_run(reader, &run);
}

static bool may_be_lazily_freed(struct reader *reader)
{
	if (!reader->knows_lazy)
		reader->lazily_freed = source_read_sums(reader->source, true).lazily_freed;
	reader->knows_lazy = true;
	return reader->lazily_freed != 0;
}

/*
 * A page that belongs to no file is dirty: there is no other copy of it. The exception is a page
 * given back with MADV_FREE, which is no longer swap-backed; only its page table entry tells
 * whether it was written to again.
 */
static enum answer anonymous_dirty(struct reader *reader, uint64_t word)
{
	uint64_t flags;

	if (!may_be_lazily_freed(reader))
		return ANSWER_YES;
	if (!(word & PM_PFN) || source_read_frame_flags(reader->source, word & PM_PFN, &flags) < 0)
		return ANSWER_UNKNOWN;
	return flags & (KPF_SWAPBACKED | KPF_DIRTY) ? ANSWER_YES : ANSWER_UNKNOWN;
}

/* A file's page is dirty if the kernel's page flags say so; they can be read only if its frame is known. */
static enum answer dirty(struct reader *reader, uint64_t word)
{
	uint64_t flags;

	if (!(word & PM_FILE))
		return anonymous_dirty(reader, word);
	if (!(word & PM_PFN) || source_read_frame_flags(reader->source, word & PM_PFN, &flags) < 0)
		return ANSWER_UNKNOWN;
	return flags & KPF_DIRTY ? ANSWER_YES : ANSWER_NO;
}

static void add_word(struct reader *reader, uint64_t addr, uint64_t word, enum answer is_huge)
{
	uint64_t end = addr + reader->page_size;

	if (word & PM_GUARD) {
		add_plain(reader, addr, end, PAGES_GUARD);
	} else if (word & PM_PRESENT) {
		/* Adds the pages before it that are not present. */
		add_plain(reader, addr, addr, PAGES_UNTOUCHED);
		add_run(reader, &(struct page_run){
					.start = addr,
					.end = end,
					.region = reader->region,
					.state = PAGES_RESIDENT,
					.is_huge = (uint8_t)is_huge,
					.is_shared = word & PM_EXCLUSIVE ? ANSWER_NO : ANSWER_YES,
					.is_dirty = (uint8_t)dirty(reader, word),
				});
	} else if (word & PM_SWAPPED) {
		add_plain(reader, addr, end, PAGES_SWAPPED);
	}
}

static int add_words(struct reader *reader, uint64_t start, uint64_t end, enum answer is_huge)
{
	uint64_t page = reader->page_size;
	uint64_t words[512];

	while (start < end && !reader->is_full) {
		ssize_t n = source_read_page_words(reader->source, start, words,
						   MIN(ARRAY_SIZE(words), (size_t)((end - start) / page)));

		if (n <= 0)
			return (int)n;
		for (ssize_t i = 0; i < n; i++, start += page)
			add_word(reader, start, words[i], is_huge);
	}
	return 0;
}

/* Pagemap words do not tell whether a page is huge; a complete scan does. */
static enum answer huge(uint64_t categories)
{
	if (categories & PAGE_IS_INCOMPLETE)
		return ANSWER_UNKNOWN;
	return categories & PAGE_IS_HUGE ? ANSWER_YES : ANSWER_NO;
}

static void take_scanned(void *context, const struct page_region *scanned)
{
	struct reader *reader = context;

	if (reader->error < 0 || reader->is_full)
		return;
	if (scanned->categories & PAGE_IS_GUARD)
		add_plain(reader, scanned->start, scanned->end, PAGES_GUARD);
	else if (scanned->categories & PAGE_IS_PFNZERO)
		add_plain(reader, scanned->start, scanned->end, PAGES_ZERO);
	else if (scanned->categories & PAGE_IS_PRESENT)
		reader->error = add_words(reader, scanned->start, scanned->end, huge(scanned->categories));
	else
		add_plain(reader, scanned->start, scanned->end,
			  scanned->categories & PAGE_IS_UNSURE ? PAGES_UNKNOWN : PAGES_SWAPPED);
}

static int read_runs(struct reader *reader, uint64_t end)
{
	struct page_range range = { .start = reader->at, .end = end };
	int r = source_walk_pages(reader->source, &range, 1, false, take_scanned, reader);

	if (r == 0)
		r = reader->error;
	if (r == 0)
		add_plain(reader, end, end, PAGES_UNTOUCHED);
	return r;
}

static int read_region(struct reader *reader, const struct space *space, uint32_t region)
{
	const struct judgement *judgement = &space->judgement;
	uint64_t end = page_ceil(judgement->regions[region].end, reader->page_size);

	reader->region = region;
	reader->hides_swap = region_hides_swap(space, &judgement->regions[region]);
	reader->at = page_ceil(judgement->regions[region].start, reader->page_size);
	return reader->at < end && !is_above_user_space(end) ? read_runs(reader, end) : 0;
}

int read_page(struct source *source, const struct space *space, uint32_t region, uint64_t addr,
	      struct page_run *ret)
{
	uint64_t page_size = space->facts.page_size;
	struct answers answers = { 0 };
	struct reader reader = {
		.source = source,
		.answers = &answers,
		.page_size = page_size,
		.region = region,
		.hides_swap = region_hides_swap(space, &space->judgement.regions[region]),
		.at = page_floor(addr, page_size),
	};
	int r = !is_above_user_space(reader.at) ? read_runs(&reader, reader.at + page_size) : -ENODATA;

	if (r == 0)
		*ret = answers.page_runs[answers.n_page_runs - 1];
	answers_done(&answers);
	return r;
}

int read_page_runs(struct source *source, const struct space *space, const uint32_t *regions, size_t n,
		   struct answers *answers, struct error *err)
{
	struct reader reader = {
		.source = source,
		.answers = answers,
		.page_size = space->facts.page_size,
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < n && !reader.is_full; i++)
		r = read_region(&reader, space, regions[i]);
	if (reader.is_full)
		notes_warn(&answers->notes, "pages-truncated",
			   "the pages end early, at %" PRIx64 ": there are more than %" PRIu64
			   " rows; --range shows those from there on",
			   reader.at, PAGE_RUNS_MAX);
	if (r == -ENOENT)
		return error_set(err, r, "there is no page map (CONFIG_PROC_PAGE_MONITOR)");
	return r < 0 ? source_explain(source, "pagemap", r, err) : 0;
}
