/* SPDX-License-Identifier: MIT */
/*
 * What --watch shows of each round; watch.c reads the rounds.
 */
#pragma once

#include <time.h>

#include "commands/show.h"
#include "views/row_marks.h"
#include "views/view.h"

/* One reading. The last two are kept. */
struct round {
	bool is_there;
	struct space space;
	const struct space *spaces[1];
	struct view view;
	double seconds; /* that the reading took */
	time_t time;
};

struct watch {
	struct run *run;
	const char *operand;
	struct target target;
	int dir_fd;	 /* /proc/PID of this very process: nothing in it opens once the process has ended */
	int pid_fd;	 /* readable when the process ends; -1: there is none */
	bool is_ended;	 /* the process is gone */
	bool has_failed; /* an error was printed */
	bool has_screen;
	struct round rounds[2];
	uint64_t n_rounds;
	uint64_t first_resident, most_resident;
	time_t first_time;
	struct marks marks;
	bool is_saved;
	int error; /* of output: 0, or a negative errno */
};

static inline struct round *watch_last(struct watch *watch)
{
	return &watch->rounds[watch->n_rounds % 2];
}

/* "+4K", "-1M", "0B"; "-" if either is unknown; exact: "+4096". The caller frees it. */
char *watch_format_change(uint64_t from, uint64_t to, bool is_exact);

/* Shows the last round, and sets watch->error. */
void watch_show(struct watch *watch);

/* The same, in place in a terminal at its current size. */
void watch_show_in_place(struct watch *watch);
