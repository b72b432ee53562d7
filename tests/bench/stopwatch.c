/* SPDX-License-Identifier: MIT */
/*
 * Runs commands and reports what they cost. It is small and in C: until a child executes, its
 * parent's memory counts towards its peak, and a large parent would hide the child's own.
 *
 * Each line on standard input has the sink of the output ("null", or "pipe": read as fast as it
 * comes) and the words of the command, separated by tabs. The answer is a line: nanoseconds
 * from spawn to exit, microseconds of user and of system time, peak memory in kilobytes, and
 * the status of wait(2).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { WORDS_MAX = 64 };

static void fail(const char *what)
{
	fprintf(stderr, "stopwatch: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static intmax_t microseconds(struct timeval t)
{
	return (intmax_t)t.tv_sec * 1000000 + t.tv_usec;
}

static pid_t spawn(char **argv, int output)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	errno = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	if (errno)
		fail(argv[0]);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static void drain(int fd)
{
	static char buffer[1 << 16];
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		;
	if (n < 0)
		fail("read");
}

static void run(char **argv, int is_piped)
{
	int ends[2] = { -1, -1 };
	struct rusage usage;
	uint64_t begin;
	int status;
	pid_t pid;

	if (is_piped ? pipe2(ends, O_CLOEXEC) < 0 : (ends[1] = open("/dev/null", O_WRONLY | O_CLOEXEC)) < 0)
		fail("output");
	begin = now();
	pid = spawn(argv, ends[1]);
	close(ends[1]);
	if (is_piped)
		drain(ends[0]);
	if (wait4(pid, &status, 0, &usage) != pid)
		fail("wait4");
	printf("%" PRIu64 " %jd %jd %ld %d\n", now() - begin, microseconds(usage.ru_utime),
	       microseconds(usage.ru_stime), usage.ru_maxrss, status);
	if (is_piped)
		close(ends[0]);
}

int main(void)
{
	static char line[1 << 14];

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin)) {
		char *words[WORDS_MAX + 1] = { NULL };
		size_t n = 0;

		for (char *word = strtok(line, "\t\n"); word && n < WORDS_MAX; word = strtok(NULL, "\t\n"))
			words[n++] = word;
		if (n < 2) {
			fprintf(stderr, "stopwatch: not a command\n");
			return 2;
		}
		run(words + 1, strcmp(words[0], "pipe") == 0);
	}
	return 0;
}
