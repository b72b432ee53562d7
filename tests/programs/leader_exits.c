/* SPDX-License-Identifier: MIT */
/* Its main thread ends; another, of another name, goes on. READY is said when /proc shows the end of the first.
 * Loads the shared libraries that it is given, if any. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>

#include "program.h"

static int leader_is_gone(void)
{
	char stat[512] = "";
	FILE *file = fopen("/proc/self/stat", "r");
	char *state;

	require(file && fgets(stat, sizeof(stat), file), "/proc/self/stat");
	fclose(file);
	state = strrchr(stat, ')');
	return state && state[2] == 'Z';
}

static void *second(void *unused)
{
	(void)unused;
	require(prctl(PR_SET_NAME, "other") == 0, "PR_SET_NAME");
	while (!leader_is_gone())
		usleep(1000);
	printf("%d\n", gettid());
	ready();
	wait_for_end();
	exit(0);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	for (int i = 1; i < argc; i++)
		require(dlopen(argv[i], RTLD_NOW) != NULL, argv[i]);
	require(pthread_create(&thread, NULL, second, NULL) == 0, "pthread_create");
	pthread_exit(NULL);
}
