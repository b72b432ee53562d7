/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <unistd.h>

#include "proc/helper_process.h"

static int answer_at_once(void *context _unused_, void *answer)
{
	*(int *)answer = 7;
	return 0;
}

static int never_answer(void *context _unused_, void *answer _unused_)
{
	while (pause() < 0)
		;
	return 0;
}

static int ask(struct patience patience, help_fn *act)
{
	struct proc proc = { .patience = patience };
	int answer = 0;
	int r = ask_helper(&proc, act, NULL, &answer, sizeof(answer));

	cr_assert_eq(proc.has_waited_in_vain, r == -ETIMEDOUT);
	return r < 0 ? r : answer;
}

Test(helper_process, one_process)
{
	cr_assert_eq(patience_with_next(NULL).ms_left, PATIENCE_MS);
	cr_assert_eq(ask(patience_with_next(NULL), answer_at_once), 7);
}

/* However many processes make us wait, they do so for a limited time; those that answer do not count. */
Test(helper_process, many_processes)
{
	int ms_left = PATIENCE_ALL_MS;
	struct patience patience = patience_with_next(&ms_left);

	cr_assert_eq(patience.ms_left, PATIENCE_MS);
	ms_left = 50;
	cr_assert_eq(ask(patience_with_next(&ms_left), never_answer), -ETIMEDOUT);
	cr_assert_eq(ms_left, 0);
	patience = patience_with_next(&ms_left);
	cr_assert_eq(patience.ms_left, PATIENCE_MOMENT_MS);
	cr_assert_eq(ask(patience, never_answer), -ETIMEDOUT);
	cr_assert_eq(ms_left, 0);
}

Test(helper_process, first_moment_is_free)
{
	int ms_left = PATIENCE_ALL_MS;
	struct patience patience = { PATIENCE_MOMENT_MS / 2, PATIENCE_MOMENT_MS, &ms_left };

	cr_assert_eq(ask(patience, never_answer), -ETIMEDOUT);
	cr_assert_eq(ms_left, PATIENCE_ALL_MS);
}
