/* SPDX-License-Identifier: MIT */
/*
 * What --watch shows of each round. For watch.c, which reads the rounds.
 */
#pragma once

#include <time.h>

#include "commands/show.h"
#include "views/row_marks.h"
#include "views/view.h"

/* One reading. Two are kept, the last and the one before. */
struct round {
	bool is_there;
	struct space space;
	const struct space *spaces[1];
	struct view view;
	double seconds; /* that it took */
	time_t time;
};

struct watch {
	struct run *run;
	const char *operand;
	struct target target;
	int dir_fd;	 /* of that very process: nothing below it opens once it is gone */
	int pid_fd;	 /* readable when it ends; -1: not known */
	bool is_ended;	 /* it is gone, */
	bool has_failed; /* or it cannot be read */
	bool has_screen;
	struct round rounds[2];
	uint64_t n_rounds;
	uint64_t first_resident, most_resident;
	time_t first_time;
	struct marks marks;
	bool is_saved;
	int error; /* of output */
};

static inline struct round *watch_last(struct watch *watch)
{
	return &watch->rounds[watch->n_rounds % 2];
}

/* "+4K", "-1M", "0B" or, where one is not known, "-"; exact: "+4096". The caller frees it. */
char *watch_format_change(uint64_t from, uint64_t to, bool is_exact);

/* Shows the last round; what prevents it is in `watch` then. */
void watch_show(struct watch *watch);

/* The same in a terminal, as large as it is now. */
void watch_show_in_place(struct watch *watch);
