/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limited_process.h"
#include "base/mem.h"

#define MEMORY ((uint64_t)256 << 20)

static const struct process_limits limits = { .memory = MEMORY, .cpu = 60, .wall = 60 };

static void say(void *context, FILE *answer)
{
	fputs(context, answer);
	/* Printed text is not part of the answer. */
	puts("printed");
	fflush(stdout);
}

Test(limited_process, its_answer_comes_back)
{
	char text[16] = "";
	char what[] = "answer";
	int fd = run_limited(&limits, say, what);

	cr_assert_geq(fd, 0);
	cr_expect_eq(read(fd, text, sizeof(text)), 6);
	cr_expect_str_eq(text, "answer");
	close(fd);
}

static void crash(void *context _unused_, FILE *answer _unused_)
{
	raise(SIGSEGV);
}

static void take_memory(void *context _unused_, FILE *answer _unused_)
{
	void *taken =
		mmap(NULL, MEMORY + (1 << 20), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (taken == MAP_FAILED)
		mem_exhausted();
}

static void be_killed(void *context _unused_, FILE *answer _unused_)
{
	raise(SIGKILL);
}

static void compute(void *context _unused_, FILE *answer _unused_)
{
	for (volatile unsigned i = 0;; i++)
		;
}

static void wait_for_nothing(void *context _unused_, FILE *answer _unused_)
{
	for (;;)
		pause();
}

static void hold_back_the_end(void *context, FILE *answer)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	wait_for_nothing(context, answer);
}

Test(limited_process, why_there_is_no_answer)
{
	const struct process_limits no_computing = { .memory = MEMORY, .cpu = 1 };
	const struct process_limits no_waiting = { .memory = MEMORY, .cpu = 60, .wall = 1 };

	cr_expect_eq(run_limited(&limits, crash, NULL), -EFAULT);
	cr_expect_eq(run_limited(&limits, take_memory, NULL), -ENOMEM);
	cr_expect_eq(run_limited(&limits, be_killed, NULL), -ENOMEM);
	cr_expect_eq(run_limited(&no_computing, compute, NULL), -ETIMEDOUT);
	cr_expect_eq(run_limited(&no_waiting, wait_for_nothing, NULL), -ETIMEDOUT);
	/* As if the kernel did not let it go. */
	cr_expect_eq(run_limited(&no_waiting, hold_back_the_end, NULL), -ETIMEDOUT);
}

Test(limited_process, signals_that_are_ignored_or_blocked_change_nothing)
{
	const struct process_limits no_waiting = { .memory = MEMORY, .cpu = 60, .wall = 1 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGALRM, SIG_IGN);
	cr_expect_eq(run_limited(&limits, crash, NULL), -EFAULT);
	cr_expect_eq(run_limited(&no_waiting, wait_for_nothing, NULL), -ETIMEDOUT);
	cr_expect_eq(signal(SIGCHLD, SIG_DFL), SIG_IGN);
}
