/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/progress.h"

#define HOURS_MS UINT64_C(36000000)

static struct progress progress;
static int ends[2];
static char seen[256];

static void set_up(void)
{
	cr_assert(pipe2(ends, O_NONBLOCK) == 0);
}

static void tear_down(void)
{
	close(ends[0]);
	close(ends[1]);
}

TestSuite(progress, .init = set_up, .fini = tear_down);

static const char *written(void)
{
	ssize_t n = read(ends[0], seen, sizeof(seen) - 1);

	seen[n > 0 ? n : 0] = 0;
	return seen;
}

Test(progress, shows_a_line_and_takes_it_away)
{
	progress_init(&progress, ends[1], 0);
	progress_say(&progress, "%d of %d", 1, 2);
	cr_assert_str_eq(written(), "\rmemmap: 1 of 2\033[K");
	progress_end(&progress);
	cr_assert_str_eq(written(), "\r\033[K");
	progress_end(&progress);
	cr_assert_str_eq(written(), "");
}

Test(progress, adds_up_what_was_read)
{
	progress_init(&progress, ends[1], HOURS_MS);
	progress_add(&progress, UINT64_C(3) << 30);
	progress.due_ms = 0;
	progress_add(&progress, UINT64_C(1) << 30);
	cr_assert_str_eq(written(), "\rmemmap: 4G of memory read\033[K");
}

Test(progress, says_nothing_of_what_is_short)
{
	progress_init(&progress, ends[1], HOURS_MS);
	progress_add(&progress, 4096);
	progress_say(&progress, "nearly there");
	progress_end(&progress);
	cr_assert_str_eq(written(), "");
}

Test(progress, is_not_rewritten_all_the_time)
{
	progress_init(&progress, ends[1], 0);
	progress_say(&progress, "one");
	cr_assert_str_eq(written(), "\rmemmap: one\033[K");
	progress.due_ms = UINT64_MAX;
	progress_say(&progress, "two");
	cr_assert_str_eq(written(), "");
}

Test(progress, goes_nowhere_without_a_terminal)
{
	progress_init(&progress, -1, 0);
	progress_add(&progress, 4096);
	progress_end(&progress);
	cr_assert_not(progress.is_shown);
}

/* Like a terminal after Ctrl-S. */
Test(progress, does_not_wait_for_the_terminal, .timeout = 60)
{
	char page[4096] = "";

	while (write(ends[1], page, sizeof(page)) > 0)
		;
	cr_assert(fcntl(ends[1], F_SETFL, 0) == 0);
	progress_init(&progress, ends[1], 0);
	progress.due_ms = 0;
	progress_say(&progress, "held up");
	cr_assert_not(progress.is_shown);
	/* It is not asked again at once. */
	cr_assert_gt(progress.due_ms, 0);
}
