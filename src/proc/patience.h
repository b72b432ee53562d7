/* SPDX-License-Identifier: MIT */
/*
 * How long a process may make us wait, and how long all processes of a run may together: a user can
 * have any number of processes that do not answer.
 */
#pragma once

/* For all helper processes of one target together, in milliseconds. */
#define PATIENCE_MS 2000

/*
 * Once a run has waited this long in all, each further process gets only a moment. The first moment of
 * each process does not count: files of a server that answers hardly take longer.
 */
#define PATIENCE_ALL_MS 20000
#define PATIENCE_MOMENT_MS 100

struct patience {
	int ms_left;	  /* for helper processes, see proc/helper_process.h */
	int ms_free;	  /* of these, those that the run is not charged for */
	int *run_ms_left; /* for all processes of a run together, borrowed; NULL: not limited */
};

/* For the next process of a run. */
struct patience patience_with_next(int *run_ms_left);

/* How long to wait for something that otherwise may take `ms`. */
int patience_limit(const struct patience *patience, int ms);

/* Charges the run for a wait of `ms`. */
void patience_charge(struct patience *patience, int ms);
