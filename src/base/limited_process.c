/* SPDX-License-Identifier: MIT */
#include "base/limited_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/copy_file.h"
#include "base/util.h"

/* ---- in the child ---- */

/* The size of our address space in bytes; with a sanitizer, it is terabytes. */
static uint64_t taken_memory(void)
{
	_cleanup_close_ int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char pages[64] = "";

	if (fd < 0 || read(fd, pages, sizeof(pages) - 1) <= 0)
		return 0;
	return strtoull(pages, NULL, 10) * system_page_size();
}

/* If memory runs out, the kernel should kill this child first: nothing is lost with it. */
static void come_first(void)
{
	_cleanup_close_ int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : write(fd, "1000", 4);

	(void)n;
}

/* The signal may have been ignored or blocked since memmap was started. */
static void let_end(int number)
{
	sigset_t set;

	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* Limits that are already lower stay as they are. */
static int lower_limits(const struct process_limits *limits)
{
	const struct rlimit no_core = { 0 };
	struct rlimit memory, cpu;

	if (getrlimit(RLIMIT_AS, &memory) != 0 || getrlimit(RLIMIT_CPU, &cpu) != 0)
		return -errno;
	memory.rlim_cur = (rlim_t)MIN((uint64_t)memory.rlim_cur, taken_memory() + limits->memory);
	cpu.rlim_cur = (rlim_t)MIN((uint64_t)cpu.rlim_cur, (uint64_t)limits->cpu);
	if (setrlimit(RLIMIT_AS, &memory) != 0 || setrlimit(RLIMIT_CPU, &cpu) != 0 ||
	    setrlimit(RLIMIT_CORE, &no_core) != 0)
		return -errno;
	return 0;
}

static int obey(const struct process_limits *limits)
{
	const struct itimerval end = { .it_value.tv_sec = (time_t)limits->wall };

	come_first();
	let_end(SIGALRM);
	let_end(SIGXCPU);
	if (setitimer(ITIMER_REAL, &end, NULL) != 0)
		return -errno;
	return lower_limits(limits);
}

/* Discards what a library prints when it gives up, and our own output that is still buffered. */
static void be_silent(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; i <= STDERR_FILENO; i++)
		if (fd < 0 || dup2(fd, i) < 0)
			close(i);
}

static void __attribute__((noreturn))
run(const struct process_limits *limits, limited_fn *act, void *context, int fd, pid_t parent)
{
	FILE *answer = fdopen(fd, "w");
	int r;

	be_silent();
	/* If the parent is gone, nobody waits for the answer. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || !answer)
		_exit(EIO);
	r = obey(limits);
	if (r < 0)
		_exit(-r);
	act(context, answer);
	_exit(fclose(answer) == 0 ? 0 : errno);
}

/* ---- in the parent ---- */

static int result_of(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status) == EXIT_FAILURE ? -ENOMEM : -WEXITSTATUS(status);
	switch (WTERMSIG(status)) {
	case SIGALRM:
	case SIGXCPU:
		return -ETIMEDOUT;
	case SIGKILL: /* by the kernel, when out of memory */
		return -ENOMEM;
	default:
		return -EFAULT;
	}
}

#define GRACE 2	     /* seconds that a child may need to end when its time is up */
#define AWAKE_MS 100 /* see await_end() */
#define BLIND_MS 10

/*
 * Waits until the child has ended, but not for long. Wakes up often, since a thread that uses no CPU time
 * looks stuck itself (base/watchdog.h). Before Linux 5.3, or if that is forbidden, there is no `fd`.
 */
static void await_end(int fd)
{
	struct pollfd end = { .fd = fd, .events = POLLIN };

	poll(&end, 1, fd >= 0 ? AWAKE_MS : BLIND_MS);
}

/*
 * Its own timer does not end a child while the kernel does not let it go, such as in a request to the
 * server of a file system.
 */
static int wait_for(pid_t child, unsigned wall)
{
	_cleanup_close_ int fd = (int)syscall(SYS_pidfd_open, child, 0);
	uint64_t limit = clock_ms(CLOCK_MONOTONIC) + (wall + GRACE) * UINT64_C(1000);
	int status;
	pid_t ended;

	while ((ended = waitpid(child, &status, WNOHANG)) == 0) {
		if (wall > 0 && clock_ms(CLOCK_MONOTONIC) > limit) {
			kill(child, SIGKILL);
			return -ETIMEDOUT;
		}
		await_end(fd);
	}
	return ended < 0 ? -errno : result_of(status);
}

int run_limited(const struct process_limits *limits, limited_fn *act, void *context)
{
	/* If SIGCHLD is ignored, the kernel does not keep the exit status of a child. */
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	_cleanup_close_ int fd = make_memory_file();
	pid_t parent = getpid();
	struct sigaction before;
	pid_t child;
	int r;

	if (fd < 0)
		return fd;
	sigaction(SIGCHLD, &usual, &before);
	child = fork();
	if (child == 0)
		run(limits, act, context, fd, parent);
	r = child < 0 ? -errno : wait_for(child, limits->wall);
	sigaction(SIGCHLD, &before, NULL);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	return r < 0 ? r : steal_fd(&fd);
}
