/* SPDX-License-Identifier: MIT */
/*
 * Adds up processes by command, user, cgroup or container.
 */
#pragma once

#include <stdbool.h>

#include "model/process_row.h"

/*
 * Returns a row for each group, with the sums over its processes and their key; processes without a
 * key are a group, too. The caller ends each row with process_row_done(), and frees the array. User
 * names are borrowed from `rows`.
 */
struct process_row *group_processes(const struct process_row *rows, size_t n, enum grouping by,
				    size_t *ret_n);

/*
 * Adds a row to a sum. RSS and SWAP count a shared page once for each process, and sizes are
 * address space. `are_all`: the sum is over all processes; these stay unknown, since they would say
 * nothing about the machine.
 */
void process_row_add(struct process_row *sum, const struct process_row *row, bool are_all);

/* Sets the key of a sum. The key must outlive the row and be shorter than PROCESS_NAME_MAX. */
void process_row_set_key(struct process_row *row, enum grouping by, const char *key);
