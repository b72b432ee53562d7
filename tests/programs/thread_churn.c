/* SPDX-License-Identifier: MIT */
/*
 * Creates and joins threads with stacks of several sizes until its input closes. Each thread first
 * writes the bounds of its stack to the file that the argument names: in the end, the file has every
 * stack that there ever was. The first line is that of a thread that stays.
 */
#include "report.h"

#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <sys/stat.h>

#define AT_ONCE 6

static int log_fd;

static void write_stack(void)
{
	pthread_attr_t attr;
	void *start;
	size_t size;

	require(pthread_getattr_np(pthread_self(), &attr) == 0, "pthread_getattr_np");
	pthread_attr_getstack(&attr, &start, &size);
	pthread_attr_destroy(&attr);
	require(dprintf(log_fd, "%ld %p %p\n", (long)syscall(SYS_gettid), start,
			(void *)((uintptr_t)start + size)) > 0,
		"write");
}

static void *come_and_go(void *unused)
{
	(void)unused;
	write_stack();
	free(malloc(1000));
	usleep(300);
	return NULL;
}

static void *stay(void *written)
{
	write_stack();
	sem_post(written);
	for (;;)
		pause();
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[AT_ONCE];
	pthread_attr_t attr;
	pthread_t staying;
	sem_t written;

	require(argc == 2, "arguments");
	log_fd = open(argv[1], O_WRONLY | O_CREAT | O_APPEND, 0600);
	require(log_fd >= 0, "open");
	sem_init(&written, 0, 0);
	require(pthread_create(&staying, NULL, stay, &written) == 0, "pthread_create");
	sem_wait(&written);
	pthread_attr_init(&attr);
	ready();
	/* A cached stack may serve a thread that asks for less, so all sizes take turns. */
	for (size_t turn = 0; poll(&(struct pollfd){ .events = POLLIN }, 1, 0) == 0; turn++) {
		for (size_t i = 0; i < AT_ONCE; i++) {
			pthread_attr_setstacksize(&attr, (1UL << 16) << (turn + i) % 8);
			pthread_attr_setguardsize(&attr, 4096UL << (turn + i) % 3);
			require(pthread_create(&threads[i], &attr, come_and_go, NULL) == 0, "pthread_create");
		}
		for (size_t i = 0; i < AT_ONCE; i++)
			pthread_join(threads[i], NULL);
	}
	return 0;
}
