/* SPDX-License-Identifier: MIT */
/*
 * The stack frames of one thread: how much of its stack each active call takes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

/* A place in the code. Frames at one address share it. */
struct location {
	const char *function; /* the symbol's name, any bytes; one of the frames' names; NULL: not known */
	uint64_t offset;      /* of the frame's pc in the function; UNKNOWN if function is NULL or inlined */
	const char *source;   /* path of the source file, any bytes; one of the names, too; NULL: not known */
	uint64_t line;	      /* UNKNOWN if source is NULL */
	uint32_t object;      /* what the code was loaded from; facts.objects[0]: nothing */
};

struct frame_name {
	const char *origin; /* where it was copied from, which may be gone */
	char *text;
};

struct frame {
	uint64_t start, end; /* from its stack pointer to its caller's; end UNKNOWN: no caller was found */
	uint64_t pc;	     /* where it executes; for all but the innermost frame, the return address */
	uint32_t location;
	bool is_inlined; /* the call has no frame of its own: start and end are UNKNOWN */
};

struct frames {
	int32_t tid;
	struct frame *frames; /* innermost first */
	size_t n, cap;
	struct location *locations;
	size_t n_locations, cap_locations;
	struct frame_name *names;
	size_t n_names, cap_names;
	uint32_t *slots; /* by hash of the origin: 1 + the index of a name, or 0 */
	size_t n_slots;
};

/*
 * A copy of a name that lives as long as the frames; NULL for NULL. Locations of one function share it:
 * names from one place are copied once.
 */
const char *frames_name(struct frames *frames, const char *name);

/* Keeps a name, which the frames own from now on. `origin` may be an address in another process. */
void frames_keep_name(struct frames *frames, const char *origin, char *text);

/* The last name that was kept with this origin; NULL: none was. */
const char *frames_find_name(const struct frames *frames, const char *origin);

/*
 * What the names of all frames may take in a table: a kilobyte each, and some that are far longer.
 */
#define FRAME_NAME_USUAL 1024
uint64_t frames_room(const struct frames *frames) _pure_;

/* Cuts off names of more than FRAME_NAME_USUAL bytes if those of all frames take more room. True if it did. */
bool frames_cut_names(struct frames *frames);

/* Does nothing for NULL. */
void frames_free(struct frames *frames);

/* How many bytes of stack a frame takes, or UNKNOWN. */
uint64_t frame_size(const struct frame *frame);

/* The sum of the sizes that are known. */
uint64_t frames_size(const struct frames *frames);
