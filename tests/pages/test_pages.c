/* SPDX-License-Identifier: MIT */
/* What memmap makes of a page map: counts, runs, and how far stacks were touched. */
#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "control.h"
#include "pages/count.h"
#include "pages/runs.h"
#include "pages/stack_use.h"
#include "space.h"

#define PAGE 0x1000

static struct memory memory;
static struct space space;

static void set_up(void)
{
	memory_init(&memory);
	space_init(&space);
}

static void tear_down(void)
{
	memory_done(&memory);
	space_done(&space);
}

TestSuite(pages, .init = set_up, .fini = tear_down);

/* Maps pages from an address on, a letter each: what the page map has, or '.' for nothing. */
static void set_pages(uint64_t start, const char *pages)
{
	for (; *pages; pages++, start += PAGE)
		memory_map_page(&memory, start,
				*pages == 'p' ? PM_PRESENT | PM_EXCLUSIVE :
				*pages == 'm' ? PM_PRESENT :
				*pages == 'f' ? PM_PRESENT | PM_FILE :
				*pages == 's' ? PM_SWAPPED :
				*pages == 'g' ? PM_GUARD | PM_SWAPPED :
						0);
}

/* ---- counts ---- */

static void expect_counts(struct page_range *ranges, size_t n, const struct page_range *expected)
{
	cr_assert_eq(count_pages(&memory.source, PAGE, ranges, n, false), 0);
	for (size_t i = 0; i < n; i++) {
		cr_expect_eq(ranges[i].resident, expected[i].resident, "range %zu", i);
		cr_expect_eq(ranges[i].swapped, expected[i].swapped, "range %zu", i);
	}
}

Test(pages, resident_and_swapped_pages_are_counted_and_guards_are_not)
{
	struct page_range ranges[] = { { 0x10000, 0x18000, 7, 7 } };

	set_pages(0x10000, "pms.g.fs");
	expect_counts(ranges, 1, &(struct page_range){ 0, 0, 3 * PAGE, 2 * PAGE });
}

Test(pages, a_page_belongs_to_the_range_that_holds_its_first_byte)
{
	struct page_range ranges[] = {
		{ 0x10000, 0x10800, 0, 0 }, { 0x10800, 0x10900, 0, 0 }, { 0x10900, 0x12001, 0, 0 },
		{ 0x12001, 0x13000, 0, 0 }, { 0x13000, 0x13001, 0, 0 },
	};
	const struct page_range expected[] = {
		{ 0, 0, PAGE, 0 }, { 0, 0, 0, 0 }, { 0, 0, PAGE, PAGE }, { 0, 0, 0, 0 }, { 0, 0, PAGE, 0 },
	};

	set_pages(0x10000, "ppsp");
	expect_counts(ranges, ARRAY_SIZE(ranges), expected);
}

Test(pages, a_page_whose_first_byte_is_in_no_range_is_not_counted)
{
	struct page_range ranges[] = { { 0x10800, 0x12000, 0, 0 }, { 0x12800, 0x12900, 0, 0 } };
	const struct page_range expected[] = { { 0, 0, PAGE, 0 }, { 0, 0, 0, 0 } };

	set_pages(0x10000, "ppp");
	expect_counts(ranges, 2, expected);
}

/* A walk may report pages between ranges, in one piece with those inside them. */
static int walk_in_one_piece(struct source *source _unused_, const struct page_range *ranges, size_t n,
			     bool is_whole_map _unused_, page_walk_fn *take, void *context)
{
	const struct page_region below = { ranges[0].start - PAGE, ranges[0].start, PAGE_IS_PRESENT };
	const struct page_region all = { ranges[0].start, ranges[n - 1].end + PAGE, PAGE_IS_PRESENT };
	const struct page_region zero = { ranges[n - 1].end, ranges[n - 1].end + PAGE,
					  PAGE_IS_PRESENT | PAGE_IS_PFNZERO };

	take(context, &below);
	take(context, &all);
	take(context, &zero);
	return 0;
}

Test(pages, what_lies_between_ranges_is_not_counted)
{
	const struct source_ops ops = { .walk_pages = walk_in_one_piece };
	struct page_range ranges[] = {
		{ 0x10000, 0x11000, 0, 0 },
		{ 0x11000, 0x12000, 0, 0 },
		{ 0x15000, 0x17000, 0, 0 },
	};
	const struct page_range expected[] = { { 0, 0, PAGE, 0 }, { 0, 0, PAGE, 0 }, { 0, 0, 2 * PAGE, 0 } };

	memory.source.ops = &ops;
	expect_counts(ranges, ARRAY_SIZE(ranges), expected);
}

static int walk_unsure(struct source *source _unused_, const struct page_range *ranges, size_t n _unused_,
		       bool is_whole_map _unused_, page_walk_fn *take, void *context)
{
	take(context, &(struct page_region){ ranges->start, ranges->start + PAGE, PAGE_IS_UNSURE });
	return 0;
}

Test(pages, what_may_be_swapped_or_not_is_not_counted)
{
	const struct source_ops ops = { .walk_pages = walk_unsure };
	struct page_range range = { 0x10000, 0x18000, 0, 0 };

	memory.source.ops = &ops;
	cr_assert_eq(count_pages(&memory.source, PAGE, &range, 1, true), -ENODATA);
}

Test(pages, nothing_is_counted_without_a_page_map)
{
	struct page_range range = { 0x10000, 0x18000, 7, 7 };

	memory.pages_missing = true;
	cr_assert_eq(count_pages(&memory.source, PAGE, &range, 1, true), -ENOENT);
	memory.source.ops = &(const struct source_ops){ 0 };
	cr_assert_eq(count_pages(&memory.source, PAGE, &range, 1, true), -ENOTSUP);
	cr_assert_eq(range.resident, 0);
}

/* ---- runs ---- */

static const char answers[] = { [ANSWER_NO] = '-', [ANSWER_YES] = '+', [ANSWER_UNKNOWN] = '?' };

/* Runs, one per line: "REGION START-END STATE HUGE SHARED DIRTY", the last three as +, - and ?. */
static void expect_runs(const char *expected)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	for (size_t i = 0; i < space.answers.n_page_runs; i++) {
		const struct page_run *run = &space.answers.page_runs[i];

		fprintf(file, "%" PRIu32 " %" PRIx64 "-%" PRIx64 " %s %c%c%c\n", run->region, run->start,
			run->end, page_state_names[run->state], answers[run->is_huge],
			answers[run->is_shared], answers[run->is_dirty]);
	}
	fclose(file);
	cr_assert(strcmp(text, expected) == 0, "expected\n%sand not\n%s", expected, text);
}

static int read_regions(const char *maps, const uint32_t *regions, size_t n)
{
	struct error err;

	space_done(&space);
	space_map(&space, maps);
	space_classify(&space);
	return read_page_runs(&memory.source, &space, regions, n, &space.answers, &err);
}

#define TWO "10000-18000 rw-p 00000000 00:00 0\n18000-1a000 r--p 00000000 fe:00 7 /file\n"

Test(pages, pages_that_are_alike_are_one_run_and_all_are_in_one)
{
	static const uint32_t both[] = { 0, 1 };

	set_pages(0x10000, "..ppms.gff");
	cr_assert_eq(read_regions(TWO, both, 2), 0);
	expect_runs("0 10000-12000 untouched ???\n"
		    "0 12000-14000 resident --+\n"
		    "0 14000-15000 resident -++\n"
		    "0 15000-16000 swapped ???\n"
		    "0 16000-17000 untouched ???\n"
		    "0 17000-18000 guard ???\n"
		    "1 18000-1a000 resident -+?\n");
}

Test(pages, a_region_without_pages_is_one_run)
{
	static const uint32_t second[] = { 1 };

	set_pages(0x10000, "pppppppp");
	cr_assert_eq(read_regions(TWO, second, 1), 0);
	expect_runs("1 18000-1a000 untouched ???\n");
}

#define SHARED                                                                \
	"10000-14000 rw-s 00000000 00:01 7 /memfd:x (deleted)\n"              \
	"14000-16000 rw-p 00000000 00:00 0\n"                                 \
	"16000-18000 rw-s 00000000 00:2a 8 /tmp/on-a-file-system-of-memory\n" \
	"18000-1a000 r--s 00000000 fe:00 9 /on-a-disk\n"

Test(pages, shared_memory_that_is_not_there_may_be_swapped)
{
	static const uint32_t all[] = { 0, 1, 2, 3 };
	struct error err;

	set_pages(0x10000, "f...p.f.f.");
	cr_assert_eq(read_regions(SHARED, all, 0), 0);
	space.facts.hides_swap = true;
	cr_assert_eq(read_page_runs(&memory.source, &space, all, 4, &space.answers, &err), 0);
	cr_assert_eq(space.answers.n_page_runs, 8);
	for (size_t i = 0; i < 8; i += 2)
		cr_expect_eq(space.answers.page_runs[i].state, PAGES_RESIDENT);
	cr_expect_eq(space.answers.page_runs[1].state, PAGES_UNKNOWN);
	cr_expect_eq(space.answers.page_runs[3].state, PAGES_UNTOUCHED, "anonymous");
	cr_expect_eq(space.answers.page_runs[5].state, PAGES_UNKNOWN);
	cr_expect_eq(space.answers.page_runs[7].state, PAGES_UNTOUCHED, "on a disk");
}

Test(pages, runs_of_two_regions_are_two)
{
	static const uint32_t both[] = { 0, 1 };

	set_pages(0x16000, "gggg");
	cr_assert_eq(read_regions(TWO, both, 2), 0);
	expect_runs("0 10000-16000 untouched ???\n"
		    "0 16000-18000 guard ???\n"
		    "1 18000-1a000 guard ???\n");
}

Test(pages, the_page_at_the_top_of_all_memory_is_in_no_page_table)
{
	static const uint32_t first[] = { 0 };

	cr_assert_eq(read_regions("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n",
				  first, 1),
		     0);
	expect_runs("");
}

Test(pages, no_runs_without_a_page_map)
{
	static const uint32_t first[] = { 0 };

	memory.pages_missing = true;
	cr_assert_eq(read_regions(TWO, first, 1), -ENOENT);
	expect_runs("");
}

static int read_zero_flags(struct source *source _unused_, uint64_t frame, uint64_t *ret)
{
	*ret = frame == 5 ? KPF_DIRTY : 0;
	return frame < 7 ? 0 : -EPERM;
}

Test(pages, the_kernel_knows_whether_a_page_of_a_file_is_dirty)
{
	static const uint32_t second[] = { 1 };
	struct source_ops ops = *memory.source.ops;

	ops.read_frame_flags = read_zero_flags;
	memory.source.ops = &ops;
	memory_map_page(&memory, 0x18000, PM_PRESENT | PM_FILE | 5);
	memory_map_page(&memory, 0x19000, PM_PRESENT | PM_FILE | PM_EXCLUSIVE | 6);
	cr_assert_eq(read_regions(TWO, second, 1), 0);
	expect_runs("1 18000-19000 resident -++\n"
		    "1 19000-1a000 resident ---\n");
	memory.words[1].word = PM_PRESENT | PM_FILE | 7;
	cr_assert_eq(read_regions(TWO, second, 1), 0);
	expect_runs("1 18000-19000 resident -++\n"
		    "1 19000-1a000 resident -+?\n");
}

/* What only a scan of the page map sees. */
static int walk_huge(struct source *source _unused_, const struct page_range *ranges _unused_,
		     size_t n _unused_, bool is_whole_map _unused_, page_walk_fn *take, void *context)
{
	static const struct page_region regions[] = {
		{ 0x10000, 0x12000, PAGE_IS_PRESENT | PAGE_IS_HUGE },
		{ 0x12000, 0x13000, PAGE_IS_PRESENT | PAGE_IS_PFNZERO },
		{ 0x13000, 0x14000, PAGE_IS_PRESENT | PAGE_IS_INCOMPLETE },
		{ 0x14000, 0x15000, PAGE_IS_SWAPPED | PAGE_IS_GUARD },
		{ 0x15000, 0x16000, PAGE_IS_UNSURE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(regions); i++)
		take(context, &regions[i]);
	return 0;
}

Test(pages, a_scan_knows_huge_pages_and_the_page_of_zeroes)
{
	static const uint32_t first[] = { 0 };
	struct source_ops ops = *memory.source.ops;

	ops.walk_pages = walk_huge;
	memory.source.ops = &ops;
	set_pages(0x10000, "pppp");
	cr_assert_eq(read_regions(TWO, first, 1), 0);
	expect_runs("0 10000-12000 resident +-+\n"
		    "0 12000-13000 zero ???\n"
		    "0 13000-14000 resident ?-+\n"
		    "0 14000-15000 guard ???\n"
		    "0 15000-16000 (null) ???\n"
		    "0 16000-18000 untouched ???\n");
}

static ssize_t refuse_words(struct source *source _unused_, uint64_t addr _unused_, uint64_t *words _unused_,
			    size_t n _unused_)
{
	return -EPERM;
}

Test(pages, words_that_are_refused_end_the_reading)
{
	static const uint32_t both[] = { 0, 1 };
	struct source_ops ops = *memory.source.ops;

	ops.read_page_words = refuse_words;
	memory.source.ops = &ops;
	set_pages(0x10000, "p.ps");
	cr_assert_eq(read_regions(TWO, both, 2), -EPERM);
	expect_runs("");
}

Test(pages, one_page_is_what_its_run_would_be)
{
	struct page_run run;

	space_done(&space);
	space_map(&space, SHARED);
	space_classify(&space);
	set_pages(0x10000, "psg.");
	cr_assert_eq(read_page(&memory.source, &space, 3, 0x10fff, &run), 0);
	cr_assert(run.state == PAGES_RESIDENT && run.start == 0x10000 && run.end == 0x11000 &&
		  run.region == 3);
	cr_assert_eq(read_page(&memory.source, &space, 3, 0x11000, &run), 0);
	cr_assert(run.state == PAGES_SWAPPED && run.start == 0x11000 && run.end == 0x12000);
	cr_assert_eq(read_page(&memory.source, &space, 3, 0x12800, &run), 0);
	cr_assert_eq(run.state, PAGES_GUARD);
	cr_assert_eq(read_page(&memory.source, &space, 3, 0x13800, &run), 0);
	cr_assert_eq(run.state, PAGES_UNTOUCHED);
	space.facts.hides_swap = true;
	cr_assert_eq(read_page(&memory.source, &space, 0, 0x13800, &run), 0);
	cr_assert_eq(run.state, PAGES_UNKNOWN);
	cr_assert_eq(read_page(&memory.source, &space, 3, UINT64_MAX, &run), -ENODATA);
	cr_assert_eq(read_page(&memory.source, &space, 3, (uint64_t)INT64_MAX + 1, &run), -ENODATA);
	memory.pages_missing = true;
	cr_assert_eq(read_page(&memory.source, &space, 3, 0x10000, &run), -ENOENT);
}

/* ---- stacks ---- */

static void add_stack(int32_t tid, uint64_t sp, uint64_t start, uint64_t end)
{
	struct judgement *judgement = &space.judgement;

	control_add_thread(&space.facts, &memory, tid, UNKNOWN);
	space.facts.threads[space.facts.n_threads - 1].sp = sp;
	judgement->stacks = mem_realloc(judgement->stacks, space.facts.n_threads, sizeof(*judgement->stacks));
	judgement->stacks[space.facts.n_threads - 1] = (struct stack_range){ start, end, 0 };
}

Test(pages, the_lowest_page_of_a_stack_that_was_touched)
{
	static const uint64_t expected[] = { 0x13000, UNKNOWN, UNKNOWN, 0x18000, UNKNOWN, UNKNOWN };

	space.facts.page_size = PAGE;
	add_stack(101, UNKNOWN, 0x11000, 0x17000);
	/* Its stack pointer is known. */
	add_stack(102, 0x16000, 0x11000, 0x17000);
	/* It was never touched. */
	add_stack(103, UNKNOWN, 0x20000, 0x28000);
	/* Its first and its last page are partly used by others. */
	add_stack(104, UNKNOWN, 0x16800, 0x19800);
	add_stack(105, UNKNOWN, UNKNOWN, UNKNOWN);
	/* It has no page to itself. */
	add_stack(106, UNKNOWN, 0x12800, 0x13800);
	set_pages(0x10000, "pgg"
			   "s.pp."
			   "pp");
	read_stack_use(&memory.source, &space, &space.answers);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		cr_expect_eq(space.answers.lowest[i], expected[i], "stack %zu", i);
}

Test(pages, no_stack_is_known_to_be_touched_without_a_page_map)
{
	space.facts.page_size = PAGE;
	add_stack(101, UNKNOWN, 0x11000, 0x17000);
	set_pages(0x10000, "pppp");
	memory.pages_missing = true;
	read_stack_use(&memory.source, &space, &space.answers);
	cr_assert_eq(space.answers.lowest[0], UNKNOWN);
}
