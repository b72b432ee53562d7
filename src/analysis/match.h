/* SPDX-License-Identifier: MIT */
/*
 * Which region of one address space is which of another, by what they are: kind, module and place in it, thread,
 * name. Addresses count only where both are of one process, and then never alone.
 */
#pragma once

#include "model/space.h"

enum matched {
	MATCHED_NOT,
	MATCHED_PLACE,	   /* kind, name, and addresses that overlap, in one process */
	MATCHED_MODULE,	   /* kind, and place in the same module */
	MATCHED_THREAD,	   /* kind, and a thread of that name */
	MATCHED_NAME,	   /* kind, name, and offset or order */
	MATCHED_FOLDED,	   /* the same, once what differs in each run is left out of the name */
	MATCHED_NEIGHBOUR, /* nameless memory: kind, and what it lies beside */
	MATCHED_MOVED,	   /* kind, name, access and size: it is somewhere else */
	MATCHED_RENAMED,   /* the same file, or one as large in the same directory, by another name */
	N_MATCHED,
};

extern const char *const matched_names[N_MATCHED]; /* NULL of MATCHED_NOT */

struct match {
	uint32_t *now_of;    /* by region of the old space, its like in the new one, or NO_REGION; */
	uint32_t *old_of;    /* and the reverse */
	uint8_t *how;	     /* by region of the new space: enum matched */
	bool is_one_process; /* modules and stack are where they were */
};

/* Regions of one kind only are a pair, and each is in one pair at most. The caller ends it with match_done(). */
void match_spaces(const struct space *old, const struct space *now, struct match *match);
void match_done(struct match *match);
