/* SPDX-License-Identifier: MIT */
/* What prctl(PR_SET_MM_MAP) changes of the program that calls it, as it is now. */
#pragma once

#include <errno.h>
#include <linux/prctl.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "program.h"

/* The fields of /proc/self/stat by their number in proc(5), from the fourth on. */
static inline void read_stat(unsigned long *fields, int n)
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

/* Without an auxiliary vector: the kernel keeps the one that it has. */
static inline struct prctl_mm_map own_mm_map(void)
{
	unsigned long f[52] = { 0 };

	read_stat(f, 52);
	return (struct prctl_mm_map){
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
		.exe_fd = (__u32)-1,
	};
}

static inline int set_mm_map(struct prctl_mm_map *map)
{
	return prctl(PR_SET_MM, PR_SET_MM_MAP, map, sizeof(*map), 0);
}
