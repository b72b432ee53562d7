/* SPDX-License-Identifier: MIT */
/*
 * Processes that are added up: those of one command, user, cgroup or container.
 */
#pragma once

#include <stdbool.h>

#include "model/process_row.h"

/*
 * A row a group, which has of its processes what is added up and the key; those without a key are a group, too. The
 * caller ends each with process_row_done(), and frees the array. Users are borrowed from the rows.
 */
struct process_row *group_processes(const struct process_row *rows, size_t n, enum grouping by,
				    size_t *ret_n);

/*
 * Adds a row to a sum. RSS and SWAP count pages that processes share once for each, and sizes are address space:
 * `are_all` leaves these unknown, since they are no figures of the machine.
 */
void process_row_add(struct process_row *sum, const struct process_row *row, bool are_all);

/* Gives the sum of several a key, which must outlive the row and be shorter than PROCESS_NAME_MAX. */
void process_row_set_key(struct process_row *row, enum grouping by, const char *key);
