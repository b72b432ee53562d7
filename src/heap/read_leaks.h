/* SPDX-License-Identifier: MIT */
/* Blocks that are in use and that nothing leads to, as LeakSanitizer finds them, but from outside. */
#pragma once

#include "model/leaks.h"
#include "model/space.h"
#include "source/source.h"

/*
 * Reads the heap and whatever leads into it. A process that runs on is read twice, and what is lost both times counts;
 * what a register or memory that was not read may lead to is no leak, but unsure. `wants_debuginfod` as in struct
 * request, for the names of classes. *heap and *ret end with heap_done() and leaks_done(). What is not certain is
 * a note.
 */
void read_leaks(struct source *source, const struct space *space, bool wants_debuginfod, struct heap *heap,
		struct leaks *ret, struct notes *notes);
