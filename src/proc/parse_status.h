/* SPDX-License-Identifier: MIT */
/*
 * The small text files of /proc/PID that describe the process as a whole: stat, status,
 * limits (proc(5)). Pure: text in, numbers out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

/* Fields of stat by their number in proc(5). */
enum stat_field {
	STAT_PPID = 4,
	STAT_FLAGS = 9,
	STAT_NUM_THREADS = 20,
	STAT_STARTTIME = 22, /* in ticks since boot */
	STAT_STARTCODE = 26,
	STAT_ENDCODE = 27,
	STAT_STARTSTACK = 28,
	STAT_START_DATA = 45,
	STAT_END_DATA = 46,
	STAT_START_BRK = 47,
	STAT_ARG_START = 48,
	STAT_ENV_END = 51,
	N_STAT_FIELDS = 53,
};

#define STAT_COMM_MAX 64 /* for kernel threads; others have 15 */

struct proc_stat {
	char state; /* 'R', 'S', … 'Z' */
	char comm[STAT_COMM_MAX];
	size_t comm_len;
	uint64_t field[N_STAT_FIELDS];
};

/* False if the text is not a stat file. Fields that it lacks are 0, like those that the kernel hides. */
bool parse_stat(const char *text, size_t len, struct proc_stat *ret);

/* The number after `key` ("VmSize") in status, in bytes if its unit is kB; UNKNOWN if absent. */
uint64_t parse_status_number(const char *text, const char *key) _pure_;

/* The effective user, or UNKNOWN. */
uint64_t parse_status_user(const char *text) _pure_;

/*
 * The number of a process or thread in its own PID namespace: the last one after `NSpid`. UNKNOWN
 * if absent, as before Linux 4.1.
 */
uint64_t parse_status_inner_pid(const char *text) _pure_;

/* The hexadecimal number after `key` ("CapPrm"); false if absent. */
bool parse_status_hex(const char *text, const char *key, uint64_t *ret);

/*
 * The soft limit `name` ("Max stack size") in limits. UNKNOWN if it is absent or unlimited;
 * *ret_is_unlimited tells which.
 */
uint64_t parse_limit(const char *text, const char *name, bool *ret_is_unlimited);
