/* SPDX-License-Identifier: MIT */
#include "proc/helper_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define FDS_MAX 256 /* descriptors to check: our parent leaves few open */

struct reply {
	bool is_complete;
	int result;
	char answer[];
};

/* The reader of our output waits for end of file, which an abandoned helper must not delay. */
static void close_channels(int but)
{
	struct stat st;

	for (int fd = 0; fd < FDS_MAX; fd++)
		if (fd != but && (fd <= STDERR_FILENO ||
				  (fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))))
			close(fd);
}

/* Waits until the other end of the pipe is closed, or the time for this process is up. */
static void wait_for_end(struct patience *patience, int fd)
{
	uint64_t begin = clock_ms(CLOCK_MONOTONIC);
	uint64_t end = begin + (uint64_t)patience->ms_left;
	uint64_t at = begin;

	while (at < end) {
		struct pollfd end_of_file = { .fd = fd };
		int r = poll(&end_of_file, 1, (int)(end - at));

		at = clock_ms(CLOCK_MONOTONIC);
		if (r > 0 || (r < 0 && errno != EINTR))
			break;
	}
	at = MIN(at - begin, (uint64_t)patience->ms_left);
	patience->ms_left -= (int)at;
	patience_charge(patience, (int)at);
}

static void run(struct reply *reply, int fd, help_fn *act, void *context)
{
	close_channels(fd);
	reply->result = act(context, reply->answer);
	reply->is_complete = true;
	_exit(0);
}

static int take(const struct reply *reply, pid_t child, void *answer, size_t size)
{
	if (!reply->is_complete) {
		kill(child, SIGKILL);
		waitpid(child, NULL, WNOHANG);
		return -ETIMEDOUT;
	}
	waitpid(child, NULL, 0);
	memcpy(answer, reply->answer, size);
	return reply->result;
}

int ask_helper(struct proc *proc, help_fn *act, void *context, void *answer, size_t size)
{
	size_t len = sizeof(struct reply) + size;
	struct reply *reply;
	int fds[2], r;
	pid_t child;

	if (proc->patience.ms_left <= 0)
		return -ETIMEDOUT;
	reply = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (reply == MAP_FAILED)
		return -errno;
	r = pipe2(fds, O_CLOEXEC) == 0 ? 0 : -errno;
	if (r == 0) {
		child = fork();
		if (child == 0)
			run(reply, fds[1], act, context);
		r = child < 0 ? -errno : 0;
		close(fds[1]);
		if (child > 0) {
			wait_for_end(&proc->patience, fds[0]);
			r = take(reply, child, answer, size);
		}
		close(fds[0]);
	}
	munmap(reply, len);
	proc->has_waited_in_vain |= r == -ETIMEDOUT;
	return r;
}
