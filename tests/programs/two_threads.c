/* SPDX-License-Identifier: MIT */
/*
 * Two threads that wait; prints the ID of the second. With an argument the first one ends, the second renames
 * itself "other", and prints READY once /proc shows that the first has ended. Further arguments are shared
 * libraries to load.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>

#include "load.h"
#include "program.h"

static int first_is_gone(void)
{
	char stat[512] = "";
	FILE *file = fopen("/proc/self/stat", "r");
	char *state;

	require(file && fgets(stat, sizeof(stat), file), "/proc/self/stat");
	fclose(file);
	state = strrchr(stat, ')');
	return state && state[2] == 'Z';
}

static void *second(void *first_ends)
{
	if (first_ends) {
		require(prctl(PR_SET_NAME, "other") == 0, "PR_SET_NAME");
		while (!first_is_gone())
			usleep(1000);
	}
	printf("%d\n", gettid());
	ready();
	wait_for_end();
	exit(0);
}

int main(int argc, char **argv)
{
	char *first_ends = argc > 1 ? argv[1] : NULL;
	pthread_t thread;

	for (int i = 2; i < argc; i++)
		load(argv[i]);
	require(pthread_create(&thread, NULL, second, first_ends) == 0, "pthread_create");
	if (first_ends)
		pthread_exit(NULL);
	pthread_join(thread, NULL);
	return 0;
}
