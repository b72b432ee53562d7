/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/util.h"
#include "proc/page_map.h"

/* The type and offset of a swapped page, and of a marker, which the page map hides from its owner. */
#define PLACE ((UINT64_C(7) << 5) | 2)
#define MARK ((UINT64_C(1) << 5) | 31)

static struct page_walk walk;
static uint64_t found[8]; /* states, by page */

/* A page map that cannot be scanned. */
static void set_up(const uint64_t *words, size_t n, bool has_swap)
{
	int fd = memfd_create("pagemap", MFD_CLOEXEC);

	cr_assert(write(fd, words, n * sizeof(*words)) == (ssize_t)(n * sizeof(*words)));
	page_walk_init(&walk, fd, has_swap);
}

static void tear_down(void)
{
	close(walk.fd);
}

TestSuite(page_map, .fini = tear_down);

static void take(void *context _unused_, const struct page_region *region)
{
	uint64_t page_size = system_page_size();

	for (uint64_t at = region->start; at < region->end; at += page_size)
		found[at / page_size] = region->categories & ~(uint64_t)PAGE_IS_INCOMPLETE;
}

static void expect_states(const uint64_t *expected, size_t n)
{
	const struct page_range range = { .end = n * system_page_size() };

	cr_assert_eq(page_walk(&walk, &range, 1, false, take, NULL), 0);
	for (size_t i = 0; i < n; i++)
		cr_expect_eq(found[i], expected[i], "page %zu: %#jx", i, (uintmax_t)found[i]);
}

Test(page_map, a_mark_of_userfaultfd_is_no_page)
{
	const uint64_t words[] = { PM_SWAPPED | PLACE, PM_SWAPPED | PM_PROTECTED | PLACE,
				   PM_SWAPPED | PM_PROTECTED | MARK, PM_PRESENT | PM_PROTECTED | 5,
				   PM_SWAPPED | PM_GUARD | MARK };
	const uint64_t expected[] = { PAGE_IS_SWAPPED, PAGE_IS_SWAPPED, 0, PAGE_IS_PRESENT, PAGE_IS_GUARD };
	uint64_t word;

	set_up(words, ARRAY_SIZE(words), true);
	expect_states(expected, ARRAY_SIZE(words));
	cr_assert_eq(page_words(&walk, 2 * system_page_size(), &word, 1), 1);
	cr_assert_eq(word, 0);
}

Test(page_map, what_may_be_a_mark_is_unsure_where_something_is_swapped)
{
	const uint64_t words[] = { PM_SWAPPED, PM_SWAPPED | PM_PROTECTED };
	const uint64_t expected[] = { PAGE_IS_SWAPPED, PAGE_IS_UNSURE };

	set_up(words, ARRAY_SIZE(words), true);
	expect_states(expected, ARRAY_SIZE(words));
}

Test(page_map, what_may_be_a_mark_is_one_where_nothing_is_swapped)
{
	const uint64_t words[] = { PM_PRESENT, PM_SWAPPED | PM_PROTECTED };
	const uint64_t expected[] = { PAGE_IS_PRESENT, 0 };

	set_up(words, ARRAY_SIZE(words), false);
	expect_states(expected, ARRAY_SIZE(words));
}
