/* SPDX-License-Identifier: MIT */
/*
 * One line on a terminal that shows how far a long operation has come: it appears after a while, is
 * rewritten in place, and disappears at the end.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

#define PROGRESS_AFTER_MS 1000

struct progress {
	int fd;
	uint64_t due_ms; /* when the line may next be written, by the monotonic clock */
	uint64_t n_read; /* bytes of memory read so far */
	bool is_shown;
};

/* `fd`: the terminal, borrowed; -1: nothing is ever shown. `after_ms`: the delay before the line appears. */
void progress_init(struct progress *progress, int fd, uint64_t after_ms);

/* Shows a line, whose text must be safe for a terminal, if one is due. */
void progress_say(struct progress *progress, const char *fmt, ...) _printf_(2, 3);

/* Adds to the memory read, and shows how much it is. */
void progress_add(struct progress *progress, uint64_t bytes);

/* Erases the line, and counts from 0 again. */
void progress_end(struct progress *progress);
