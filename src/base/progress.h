/* SPDX-License-Identifier: MIT */
/*
 * One line on a terminal that says how far something has come which takes long: it appears after a while, is
 * rewritten in place, and is gone in the end.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

#define PROGRESS_AFTER_MS 1000

struct progress {
	int fd;
	uint64_t due_ms; /* when the line may be written, by the monotonic clock */
	uint64_t n_read; /* bytes of memory so far */
	bool is_shown;
};

/* `fd`: the terminal, borrowed; -1: nothing is ever shown. `after_ms`: how long it takes until there is a line. */
void progress_init(struct progress *progress, int fd, uint64_t after_ms);

/* Shows a line, which has nothing in it that does harm to a terminal, if it is time for one. */
void progress_say(struct progress *progress, const char *fmt, ...) _printf_(2, 3);

/* Shows how much memory has been read, with what is added now. */
void progress_add(struct progress *progress, uint64_t bytes);

/* Erases the line, and begins anew. */
void progress_end(struct progress *progress);
