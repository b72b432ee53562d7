/* SPDX-License-Identifier: MIT */
/*
 * A heap of 64 MB (brk), and a child for each argument: forks MB... The child writes to that much of the heap
 * that it inherited, and has another 4 MB of its own. Prints the PID of each child, one per line.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "program.h"

#define MB ((size_t)1 << 20)
#define HEAP (64 * MB)
#define OWN (4 * MB)

static void run_child(char *heap, size_t written, int ready_fd)
{
	char line[32];
	int len = snprintf(line, sizeof(line), "%d\n", (int)getpid());
	char *own = mmap(NULL, OWN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	require(own != MAP_FAILED, "mmap");
	madvise(own, OWN, MADV_NOHUGEPAGE);
	memset(own, 2, OWN);
	memset(heap, 3, written);
	require(write(STDOUT_FILENO, line, (size_t)len) == len, "write");
	close(ready_fd);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	char *heap = sbrk(HEAP);

	require(heap != (void *)-1 && ((uintptr_t)heap & 4095) == 0, "sbrk");
	madvise(heap, HEAP, MADV_NOHUGEPAGE);
	memset(heap, 1, HEAP);
	for (int i = 1; i < argc; i++) {
		int fds[2];
		char byte;

		require(pipe(fds) == 0, "pipe");
		if (fork() == 0)
			run_child(heap, (size_t)atoi(argv[i]) * MB, fds[1]);
		close(fds[1]);
		require(read(fds[0], &byte, 1) == 0, "child");
		close(fds[0]);
	}
	ready();
	wait_for_end();
	return 0;
}
