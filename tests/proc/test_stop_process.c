/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "proc/read_file.h"
#include "proc/stop_process.h"

static char root[] = "/tmp/stop_process-XXXXXX"; /* stands for /proc/PID */
static pid_t member, stranger;

static pid_t start_sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	return pid;
}

static void set_up(void)
{
	_cleanup_free_ char *task = NULL;
	_cleanup_free_ char *its = NULL;
	_cleanup_free_ char *others = NULL;

	cr_assert(mkdtemp(root));
	member = start_sleeper();
	stranger = start_sleeper();
	task = mem_format("%s/task", root);
	its = mem_format("%s/%d", task, member);
	others = mem_format("%s/%d", task, stranger);
	cr_assert(mkdir(task, 0700) == 0 && mkdir(its, 0700) == 0);
	/* The stranger is in the list of threads, but its directory is missing. */
	cr_assert_eq(symlink("gone", others), 0);
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void tear_down(void)
{
	_cleanup_free_ char *command = mem_format("rm -r %s", root);

	end(member);
	end(stranger);
	cr_assert_eq(system(command), 0);
}

TestSuite(stop_process, .init = set_up, .fini = tear_down);

static bool is_traced(pid_t pid)
{
	_cleanup_free_ char *name = mem_format("/proc/%d/status", pid);
	_cleanup_free_ char *status = NULL;
	size_t len;

	cr_assert_eq(proc_read_file(AT_FDCWD, name, &status, &len), 0);
	return parse_status_number(status, "TracerPid") != 0;
}

static int expect_member_alone(void *context, struct error *err _unused_)
{
	const struct proc *proc = context;
	unsigned char words[64];

	cr_expect(is_traced(member));
	cr_expect_gt(proc_read_register_words(proc, member, words, sizeof(words)), 0);
	cr_expect_not(is_traced(stranger));
	cr_expect_eq(proc_read_register_words(proc, stranger, words, sizeof(words)), -ESRCH);
	return 0;
}

Test(stop_process, a_thread_whose_number_is_anothers_by_now_is_let_go)
{
	struct error err = { 0 };
	struct proc proc = { .root = "/proc", .pid = member, .is_live = true, .is_ours = true };

	proc.fd = open(root, O_RDONLY | O_DIRECTORY);
	proc.mm_fd = proc.fd;
	cr_assert_eq(proc_hold_process(&proc, expect_member_alone, &proc, &err), 0, "%s", err.text);
	cr_expect_not(is_traced(member));
	close(proc.fd);
}
