/* SPDX-License-Identifier: MIT */
/*
 * Pairs the regions of two address spaces by what they are: kind, module and place in it, thread,
 * name. Addresses count only if both spaces are of one process, and then never alone.
 */
#pragma once

#include "model/space.h"

enum matched {
	MATCHED_NOT,
	MATCHED_PLACE,	   /* kind, name, and addresses that overlap, in one process */
	MATCHED_MODULE,	   /* kind, and place in the same module */
	MATCHED_THREAD,	   /* kind, and a thread of that name */
	MATCHED_NAME,	   /* kind, name, and offset or order */
	MATCHED_FOLDED,	   /* one of the three above, by folded names: without what differs in each run */
	MATCHED_NEIGHBOUR, /* nameless memory: kind, and the name next to it */
	MATCHED_MOVED,	   /* kind, name, access and size, at another address */
	MATCHED_RENAMED,   /* the same file under another name, or one of equal size in the same directory */
	N_MATCHED,
};

extern const char *const matched_names[N_MATCHED]; /* NULL of MATCHED_NOT */

struct match {
	uint32_t *now_of;    /* by region of the old space: its partner in the new one, or NO_REGION */
	uint32_t *old_of;    /* by region of the new space: likewise */
	uint8_t *how;	     /* by region of the new space: enum matched */
	bool is_one_process; /* modules and stack are where they were */
};

/*
 * Only regions of the same kind are paired, and each at most once. The caller frees *match with
 * match_done().
 */
void match_spaces(const struct space *old, const struct space *now, struct match *match);
void match_done(struct match *match);
