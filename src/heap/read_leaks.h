/* SPDX-License-Identifier: MIT */
/* Finds blocks in use that nothing leads to, as LeakSanitizer does, but from outside the process. */
#pragma once

#include "model/leaks.h"
#include "model/space.h"
#include "source/source.h"

/*
 * Reads the heap and everything that may lead into it. A process that keeps running is read twice,
 * and only blocks that are lost both times count. A block that unread registers or memory may lead
 * to is not a leak, but unsure. `wants_debuginfod` as in struct request, for the names of classes.
 * The caller frees *heap with heap_done() and *ret with leaks_done(). Anything uncertain gets a
 * note.
 */
void read_leaks(struct source *source, const struct space *space, bool wants_debuginfod, struct heap *heap,
		struct leaks *ret, struct notes *notes);
