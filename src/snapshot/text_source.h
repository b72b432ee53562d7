/* SPDX-License-Identifier: MIT */
/*
 * What somebody has kept of address spaces as text: a snapshot, or a memory map that was pasted into a bug report.
 */
#pragma once

#include "snapshot/map_text.h"
#include "snapshot/snapshot.h"

struct text_source {
	struct source *source; /* to be asked; of several targets, one after another */
	struct snapshot snapshot;
	struct map_text map;
	bool has_several;
};

/*
 * Reads all of a file, whose descriptor is borrowed. Ends with text_source_close() if this returns 0. -EFBIG: more than
 * SNAPSHOT_MAX; -ENOEXEC: it is neither; or another negative errno.
 */
int text_source_open(struct text_source *text, int fd, struct error *err) _must_check_;
void text_source_close(struct text_source *text);

/* Reads the next target, as inspect() does. -ENODATA: there was none, or there is none left. */
int text_source_next(struct text_source *text, const struct request *request, struct space *space,
		     struct error *err) _must_check_;
