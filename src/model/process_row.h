/* SPDX-License-Identifier: MIT */
/*
 * One process in a list of many: its totals.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "model/kind.h"

#define PROCESS_NAME_MAX 64

/* The kernel's sums over all mappings, from one read; each UNKNOWN if the kernel did not give it. */
struct process_sums {
	uint64_t rss, pss, uss, swap, swap_pss;
};

/* A process, or the sum of several. */
struct process_row {
	int32_t pid;	    /* -1: the sum of several */
	uint64_t processes; /* how many are summed up, or 1 */
	uint64_t uid;
	const char *user; /* borrowed; NULL: unknown */
	char comm[PROCESS_NAME_MAX];
	size_t comm_len; /* 0: unknown */
	struct process_sums sums;
	uint64_t sizes[N_KINDS]; /* of address space, by kind; UNKNOWN: not read */
	char *cgroup;		 /* its path; NULL: none, or not read */
	const char *container;	 /* ID or name, a part of the path; NULL: none, or not read */
	size_t container_len;
};

/* How processes are grouped. */
enum grouping { GROUP_NONE, GROUP_COMMAND, GROUP_USER, GROUP_CGROUP, GROUP_CONTAINER, N_GROUPINGS };

/* Their names in --group and in labels of metrics; NULL for GROUP_NONE. */
extern const char *const grouping_names[N_GROUPINGS];

/* Sets up a row about which nothing is known yet. */
void process_row_init(struct process_row *row);
void process_row_done(struct process_row *row);

/* The text that a row is grouped by, not NUL-terminated; or NULL. */
const char *process_key(const struct process_row *row, enum grouping by, size_t *ret_len);

/* Adds to a sum, which stays UNKNOWN until a value is known. */
void process_add(uint64_t *sum, uint64_t value);
