/* SPDX-License-Identifier: MIT */
/*
 * Makes memory that its children map, but not the parent: share WHAT WRITERS READERS [NAME]. WHAT is memfd,
 * segment (System V), zero (shared anonymous) or file. NAME is for memfd and file. Prints one line per child:
 *
 *   writer PID ADDRESS    or    reader PID ADDRESS
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>

#include "program.h"

#define SIZE ((size_t)1 << 20)

static int fd = -1, segment = -1;

static void *map(bool writes)
{
	int prot = PROT_READ | (writes ? PROT_WRITE : 0);
	void *address;

	if (segment < 0)
		return mmap(NULL, SIZE, prot, MAP_SHARED, fd, 0);
	address = shmat(segment, NULL, writes ? 0 : SHM_RDONLY);
	return address == (void *)-1 ? MAP_FAILED : address;
}

/* Shared anonymous memory has no file to open: children inherit it. */
static void *anonymous;

static void *inherit(bool writes)
{
	if (!writes)
		require(mprotect(anonymous, SIZE, PROT_READ) == 0, "mprotect");
	return anonymous;
}

static void run_child(bool writes, int ready_fd)
{
	char line[64];
	void *address = anonymous ? inherit(writes) : map(writes);
	int len;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	require(address != MAP_FAILED, "map");
	if (writes)
		memset(address, 1, SIZE);
	len = snprintf(line, sizeof(line), "%s %d %p\n", writes ? "writer" : "reader", (int)getpid(),
		       address);
	require(write(STDOUT_FILENO, line, (size_t)len) == len, "write");
	close(ready_fd);
	for (;;)
		pause();
}

static void start_children(int n, bool writes)
{
	for (int i = 0; i < n; i++) {
		int fds[2];
		char byte;

		require(pipe(fds) == 0, "pipe");
		if (fork() == 0)
			run_child(writes, fds[1]);
		close(fds[1]);
		require(read(fds[0], &byte, 1) == 0, "child");
		close(fds[0]);
	}
}

static void make(const char *what, const char *name)
{
	if (strcmp(what, "memfd") == 0)
		fd = memfd_create(name, 0);
	else if (strcmp(what, "file") == 0)
		fd = open(name, O_RDWR | O_CREAT, 0600);
	else if (strcmp(what, "segment") == 0)
		segment = shmget(IPC_PRIVATE, SIZE, 0600);
	else
		anonymous = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fd >= 0)
		require(ftruncate(fd, SIZE) == 0, "ftruncate");
	require(fd >= 0 || segment >= 0 || anonymous, what);
}

int main(int argc, char **argv)
{
	require(argc >= 4, "arguments");
	make(argv[1], argc > 4 ? argv[4] : "shared");
	start_children(atoi(argv[2]), true);
	start_children(atoi(argv[3]), false);
	if (segment >= 0)
		shmctl(segment, IPC_RMID, NULL);
	if (anonymous)
		munmap(anonymous, SIZE);
	ready();
	wait_for_end();
	return 0;
}
