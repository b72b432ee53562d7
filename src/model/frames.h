/* SPDX-License-Identifier: MIT */
/*
 * The stack frames of one thread: what each call that it is in the middle of takes of its stack.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A place in the code. Frames at one address share it. */
struct location {
	char *function;	 /* as the symbol has it, any bytes; NULL: not known */
	uint64_t offset; /* of the frame's pc in the function; UNKNOWN with it, and where it is inlined */
	char *source;	 /* path of the source file, any bytes; NULL: not known */
	uint64_t line;	 /* UNKNOWN with it */
	uint32_t object; /* what the code was loaded from; facts.objects[0] when from nothing */
};

struct frame {
	uint64_t start, end; /* from its stack pointer to its caller's; end UNKNOWN: no caller was found */
	uint64_t pc;	     /* where it is: for all but the innermost, where it is returned to */
	uint32_t location;
	bool is_inlined; /* a call that left no frame of its own: start and end are UNKNOWN */
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

/* The bytes of stack that a frame occupies; UNKNOWN where they are not known. */
uint64_t frame_size(const struct frame *frame);

/* The sum of what is known. */
uint64_t frames_size(const struct frames *frames);
