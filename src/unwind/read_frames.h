/* SPDX-License-Identifier: MIT */
/*
 * The stack frames of a thread, unwound by elfutils' libdw. The thread is stopped while that
 * takes place, and for no longer: names and lines are looked up when it runs again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/space.h"
#include "source/source.h"

/* Whether memmap was made with libdw. */
extern const bool can_read_frames;

/* The debug information that is looked at, for lines of source and inlined functions. */
enum debug_use {
	DEBUG_NONE,
	DEBUG_INSTALLED,
	DEBUG_FETCHED, /* also from servers, see debug_file.h */
};

/*
 * Fills answers->frames from thread `tid`, after find_modules(). Leaves a note where they end early.
 * 0, or a negative errno when there are none.
 */
int read_frames(struct source *source, const struct space *space, int32_t tid, enum debug_use use,
		struct answers *answers, struct error *err);

/*
 * The same in a process of its own, whose memory and time are limited: answers->frames and notes, also of what
 * could not be read of the source. Where debug information is too much for it, it goes without.
 */
int read_frames_apart(struct source *source, const struct space *space, int32_t tid, enum debug_use use,
		      struct answers *answers, struct error *err);
