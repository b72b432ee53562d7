/* SPDX-License-Identifier: MIT */
/* Replaces its auxiliary vector: lying_auxv BITS [TYPE VALUE]..., pairs of words of BITS bits. */
#include <elf.h>
#include <errno.h>
#include <linux/prctl.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>

#include "program.h"

static unsigned char auxv[336];

/* Little-endian, like the processors that run this test. */
static void put(size_t i, size_t width, unsigned long value)
{
	memcpy(auxv + i * width, &value, width);
}

/* The fields of /proc/self/stat by their number in proc(5), from the fourth on. */
static void read_stat(unsigned long *fields, int n)
{
	char text[2048] = "";
	FILE *file = fopen("/proc/self/stat", "r");
	char *p;

	require(file && fgets(text, sizeof(text), file), "stat");
	fclose(file);
	p = strrchr(text, ')') + 4;
	for (int i = 4; i < n; i++)
		fields[i] = strtoul(p, &p, 10);
}

static pthread_barrier_t runs;

/* A running thread has registered with the kernel: memmap finds its stack by that. */
static void *second(void *unused)
{
	(void)unused;
	pthread_barrier_wait(&runs);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	size_t width = argc > 1 ? strtoul(argv[1], NULL, 0) / 8 : sizeof(long);
	unsigned long f[52] = { 0 };
	struct prctl_mm_map map;
	pthread_t thread;

	for (int i = 2; i < argc; i++)
		put((size_t)i - 2, width, strtoul(argv[i], NULL, 0));
	read_stat(f, 52);
	map = (struct prctl_mm_map){
		.start_code = f[26],
		.end_code = f[27],
		.start_data = f[45],
		.end_data = f[46],
		.start_brk = f[47],
		.brk = (unsigned long)sbrk(0),
		.start_stack = f[28],
		.arg_start = f[48],
		.arg_end = f[49],
		.env_start = f[50],
		.env_end = f[51],
		.auxv = (void *)auxv,
		.auxv_size = sizeof(auxv),
		.exe_fd = (__u32)-1,
	};
	if (prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0) != 0)
		puts(strerror(errno));
	pthread_barrier_init(&runs, NULL, 2);
	require(pthread_create(&thread, NULL, second, NULL) == 0, "pthread_create");
	pthread_barrier_wait(&runs);
	ready();
	wait_for_end();
	return 0;
}
