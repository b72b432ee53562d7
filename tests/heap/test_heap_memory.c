/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "heap/heap_memory.h"

#define PAGE 4096
#define START UINT64_C(0x555500000000)
#define N_PAGES (UINT64_C(1) << 18) /* a GiB */
#define END (START + N_PAGES * PAGE)

/* A source whose words hold their own addresses. One page in four is zeroes, another was never touched. */
static struct {
	uint64_t bytes_asked; /* size of the ranges that were asked for */
	uint64_t bytes_read;
} calls;

static bool is_touched(uint64_t page)
{
	return page % 4 != 1;
}

static ssize_t read_memory(struct source *source _unused_, uint64_t addr, void *buf, size_t len)
{
	uint64_t *words = buf;

	calls.bytes_read += len;
	for (size_t i = 0; i < len / 8; i++) {
		uint64_t word = addr + 8 * i;

		cr_assert(is_touched((word - START) / PAGE));
		words[i] = (word - START) / PAGE % 4 == 2 ? 0 : word;
	}
	return (ssize_t)len;
}

static int walk_pages(struct source *source _unused_, const struct page_range *ranges, size_t n,
		      bool is_whole_map _unused_, page_walk_fn *take, void *context)
{
	for (size_t i = 0; i < n; i++) {
		calls.bytes_asked += ranges[i].end - ranges[i].start;
		for (uint64_t page = ranges[i].start; page < ranges[i].end; page += PAGE)
			if (is_touched((page - START) / PAGE))
				take(context, &(struct page_region){ page, page + PAGE, PAGE_IS_PRESENT });
	}
	return 0;
}

static ssize_t read_page_words(struct source *source _unused_, uint64_t addr, uint64_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		words[i] = is_touched((addr - START) / PAGE + i) ? PM_PRESENT : 0;
	return (ssize_t)n;
}

static size_t read_parts(struct source *source, const struct memory_part *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		read_memory(source, parts[i].addr, parts[i].buf, parts[i].len);
	return n;
}

static const struct source_ops ops = {
	.read_memory = read_memory,
	.read_parts = read_parts,
	.walk_pages = walk_pages,
	.read_page_words = read_page_words,
};
static struct source source = { .ops = &ops };
static struct heap_memory memory;

static void set_up(void)
{
	static const struct facts facts = { .page_size = PAGE, .word_size = 8 };

	memset(&calls, 0, sizeof(calls));
	heap_memory_init(&memory, &source, &facts);
	cr_assert(heap_memory_cover(&memory, START, END));
}

static void tear_down(void)
{
	heap_memory_done(&memory);
}

TestSuite(heap_memory, .init = set_up, .fini = tear_down);

static void expect_page(uint64_t page)
{
	uint64_t addr = START + page * PAGE + 16;
	uint64_t word;

	cr_assert(heap_memory_word(&memory, addr, &word) == is_touched(page));
	if (is_touched(page))
		cr_assert(word == (page % 4 == 2 ? 0 : addr));
}

Test(heap_memory, gives_words_of_pages_in_memory)
{
	for (uint64_t page = 0; page < 4096; page++)
		expect_page(page);
	/* And backwards. */
	for (uint64_t page = 17; page-- > 0;)
		expect_page(page);
}

Test(heap_memory, asks_for_pages_as_it_reads_them)
{
	expect_page(0);
	cr_assert(calls.bytes_asked < (END - START) / 4);
	cr_assert(heap_memory_resident(&memory, START, END) == (END - START) / 4 * 3);
	cr_assert(calls.bytes_asked == END - START);
	cr_assert(calls.bytes_read < 1 << 20);
}

Test(heap_memory, goes_on_where_it_is)
{
	uint64_t at = START + N_PAGES / 2 * PAGE;
	uint64_t asked;

	cr_assert(heap_memory_resident(&memory, START, END) == (END - START) / 4 * 3);
	asked = calls.bytes_asked;
	for (uint64_t i = 0; i < 100; i++) {
		cr_assert(heap_memory_cover_again(&memory, at, END));
		expect_page(N_PAGES / 2);
	}
	cr_assert((calls.bytes_asked - asked) / 100 < (END - START) / 4);
	cr_assert(heap_memory_resident(&memory, START, END) == (END - START) / 4 * 3);
}

Test(heap_memory, grows_and_shrinks)
{
	uint64_t at = START + 64 * PAGE;

	cr_assert(heap_memory_cover_again(&memory, START, at));
	cr_assert(heap_memory_resident(&memory, START, END) == (at - START) / 4 * 3);
	expect_page(63);
	cr_assert(heap_memory_presence(&memory, at) == PAGE_UNTOUCHED);
	cr_assert(heap_memory_cover_again(&memory, at - PAGE, END));
	expect_page(64);
	cr_assert(heap_memory_resident(&memory, START, END) == (END - START) / 4 * 3);
	cr_assert_not(heap_memory_cover_again(&memory, START - PAGE, END));
}

/* ---- pages of zeroes ---- */

/* How the kernel shows which pages are its zero page; here, the odd ones are. */
static struct {
	uint64_t categories; /* of all pages; if not incomplete, zero pages also have PAGE_IS_PFNZERO */
	bool hides_frames;
} kernel;

static bool is_zero(uint64_t addr)
{
	return (addr - START) / PAGE % 2 == 1;
}

static int walk_zeroes(struct source *from _unused_, const struct page_range *ranges, size_t n,
		       bool is_whole_map _unused_, page_walk_fn *take, void *context)
{
	for (size_t i = 0; i < n; i++)
		for (uint64_t page = ranges[i].start; page < ranges[i].end; page += PAGE) {
			struct page_region region = { page, page + PAGE, kernel.categories };

			if (is_zero(page) && !(kernel.categories & PAGE_IS_INCOMPLETE))
				region.categories |= PAGE_IS_PFNZERO;
			take(context, &region);
		}
	return 0;
}

static ssize_t read_words(struct source *from _unused_, uint64_t addr, uint64_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++, addr += PAGE)
		words[i] = PM_PRESENT | (is_zero(addr) ? 0 : PM_EXCLUSIVE) |
			   (kernel.hides_frames ? 0 : 1 + (uint64_t)is_zero(addr));
	return (ssize_t)n;
}

static int read_flags(struct source *from _unused_, uint64_t frame, uint64_t *ret)
{
	*ret = frame == 2 ? KPF_ZERO_PAGE : 0;
	return 0;
}

static const struct source_ops zero_ops = {
	.read_memory = read_memory,
	.walk_pages = walk_zeroes,
	.read_page_words = read_words,
	.read_frame_flags = read_flags,
};
static struct source zero_source = { .ops = &zero_ops };

static void cover_zeroes(uint64_t categories, bool hides_frames)
{
	kernel.categories = categories;
	kernel.hides_frames = hides_frames;
	memory.source = &zero_source;
	cr_assert(heap_memory_cover(&memory, START, START + 1024 * PAGE));
}

Test(heap_memory, counts_no_page_of_zeroes)
{
	uint64_t word;

	cover_zeroes(PAGE_IS_PRESENT, true);
	cr_assert(heap_memory_resident(&memory, START, START + 1024 * PAGE) == 512 * PAGE);
	cr_assert(heap_memory_knows_residence(&memory));
	cr_assert(heap_memory_word(&memory, START + PAGE, &word) && word == 0);
}

Test(heap_memory, asks_frames_where_the_kernel_cannot_scan)
{
	cover_zeroes(PAGE_IS_PRESENT | PAGE_IS_INCOMPLETE, false);
	cr_assert(heap_memory_resident(&memory, START, START + 1024 * PAGE) == 512 * PAGE);
	cr_assert(heap_memory_knows_residence(&memory));
}

Test(heap_memory, does_not_know_what_hidden_frames_are)
{
	cover_zeroes(PAGE_IS_PRESENT | PAGE_IS_INCOMPLETE, true);
	cr_assert_not(heap_memory_knows_residence(&memory));
	cr_assert(memory.had_unclear);
}

#define N_PEEKED ((uint64_t)10000)

/* Lists of freed blocks lead from any page to any other. */
Test(heap_memory, reads_each_page_once_whatever_the_order)
{
	uint64_t word;

	for (uint64_t i = 0; i < 3 * N_PEEKED; i++) {
		uint64_t addr = START + i * 7919 % N_PEEKED * 4 * PAGE + 8 * (i % 500);

		cr_assert(heap_memory_peek(&memory, addr, &word) && word == addr);
	}
	cr_assert_eq(calls.bytes_read, N_PEEKED * PAGE);
	cr_assert_not(heap_memory_peek(&memory, START + PAGE, &word));
	heap_memory_forget(&memory);
	cr_assert(heap_memory_peek(&memory, START, &word));
	cr_assert_eq(calls.bytes_read, (N_PEEKED + 1) * PAGE);
}
