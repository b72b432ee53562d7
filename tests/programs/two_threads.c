/* SPDX-License-Identifier: MIT */
/* Prints the id of its second thread. */
#define _GNU_SOURCE
#include <pthread.h>

#include "program.h"

static void *second(void *unused)
{
	(void)unused;
	printf("%d\n", gettid());
	ready();
	wait_for_end();
	exit(0);
}

int main(void)
{
	pthread_t thread;

	require(pthread_create(&thread, NULL, second, NULL) == 0, "pthread_create");
	pthread_join(thread, NULL);
	return 0;
}
