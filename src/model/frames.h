/* SPDX-License-Identifier: MIT */
/*
 * The stack frames of one thread: how much of its stack each active call takes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A place in the code. Frames at one address share it. */
struct location {
	char *function;	 /* the symbol's name, any bytes; NULL: not known */
	uint64_t offset; /* of the frame's pc in the function; UNKNOWN if function is NULL or inlined */
	char *source;	 /* path of the source file, any bytes; NULL: not known */
	uint64_t line;	 /* UNKNOWN if source is NULL */
	uint32_t object; /* what the code was loaded from; facts.objects[0]: nothing */
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
};

/* Does nothing for NULL. */
void frames_free(struct frames *frames);

/* How many bytes of stack a frame takes, or UNKNOWN. */
uint64_t frame_size(const struct frame *frame);

/* The sum of the sizes that are known. */
uint64_t frames_size(const struct frames *frames);
