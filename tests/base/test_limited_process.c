/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/limited_process.h"
#include "base/mem.h"
#include "base/watchdog.h"

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

/* As in some containers. */
static bool forbid_pidfd_open(void)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = ARRAY_SIZE(rules), .filter = rules };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void goes_on(void *context _unused_)
{
	_exit(EXIT_FAILURE);
}

static void take_a_second(void *context _unused_, FILE *answer _unused_)
{
	sleep(1);
}

Test(limited_process, no_pidfd_is_needed)
{
	const struct process_limits no_waiting = { .memory = MEMORY, .cpu = 60, .wall = 1 };
	const struct process_limits any_waiting = { .memory = MEMORY, .cpu = 60 };
	struct watchdog *watchdog;

	cr_assert(forbid_pidfd_open());
	cr_expect_eq(run_limited(&no_waiting, hold_back_the_end, NULL), -ETIMEDOUT);
	/* Who waits for a child is not stuck. */
	watchdog = watchdog_begin(500, goes_on, NULL);
	close(run_limited(&any_waiting, take_a_second, NULL));
	cr_expect_lt(watchdog_end(watchdog), 500);
}
