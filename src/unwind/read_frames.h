/* SPDX-License-Identifier: MIT */
/*
 * The stack frames of a thread, unwound by elfutils' libdw. The thread is stopped only while it is
 * unwound: names and lines are looked up once it runs again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/space.h"
#include "source/source.h"

/* Whether memmap was built with libdw. */
extern const bool can_read_frames;

/* The debug information to use for source lines and inlined functions. */
enum debug_use {
	DEBUG_NONE,
	DEBUG_INSTALLED,
	DEBUG_FETCHED, /* also from servers, see debug_file.h */
};

/*
 * Fills answers->frames from thread `tid`; call it after find_modules(). Adds a note if the frames
 * end early. 0, or a negative errno if there are none.
 */
int read_frames(struct source *source, const struct space *space, int32_t tid, enum debug_use use,
		struct answers *answers, struct error *err);

/*
 * The same in a separate process with limited memory and time. Fills answers->frames and the notes,
 * including those about failed reads of the source. If the debug information is too much for that
 * process, it is left out.
 */
int read_frames_apart(struct source *source, const struct space *space, int32_t tid, enum debug_use use,
		      struct answers *answers, struct error *err);
