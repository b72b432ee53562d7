/* SPDX-License-Identifier: MIT */
#include "proc/read_file.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *reap(void *pid)
{
	cr_assert_eq(waitpid(*(pid_t *)pid, NULL, 0), *(pid_t *)pid);
	return NULL;
}

/* Makes a zombie; returns its open directory. */
static int begin_and_end(pid_t *pid)
{
	char path[32];
	siginfo_t info;

	*pid = fork();
	if (*pid == 0)
		_exit(0);
	cr_assert_eq(waitid(P_PID, (id_t)*pid, &info, WEXITED | WNOWAIT), 0);
	snprintf(path, sizeof(path), "/proc/%d", (int)*pid);
	return open(path, O_RDONLY | O_DIRECTORY);
}

/* Every process has a stat file: if it is missing, the process is gone. */
Test(read_file, process_that_goes_away_meanwhile)
{
	for (int i = 0; i < 300; i++) {
		pthread_t reaper;
		pid_t pid;
		int dir = begin_and_end(&pid);
		int fd;

		cr_assert_eq(pthread_create(&reaper, NULL, reap, &pid), 0);
		do {
			fd = proc_open_file(dir, "stat");
			if (fd >= 0)
				close(fd);
		} while (fd >= 0);
		cr_expect_eq(fd, -ESRCH, "%d", fd);
		pthread_join(reaper, NULL);
		close(dir);
	}
}

Test(read_file, missing)
{
	int dir = open("/proc/self", O_RDONLY | O_DIRECTORY);

	cr_expect_eq(proc_open_file(dir, "nothing"), -ENOENT);
	close(dir);
}
