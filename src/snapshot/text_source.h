/* SPDX-License-Identifier: MIT */
/*
 * Address spaces that were kept as text: a snapshot, or a memory map from a bug report.
 */
#pragma once

#include "snapshot/map_text.h"
#include "snapshot/snapshot.h"

struct text_source {
	struct source *source; /* of snapshot or map, whichever the text is */
	struct snapshot snapshot;
	struct map_text map;
	bool has_several;
};

/*
 * Reads all of a file; the descriptor is borrowed. If this returns 0, call text_source_close() in the
 * end. -EFBIG: more than SNAPSHOT_MAX; -ENOEXEC: neither a snapshot nor a map; or another negative
 * errno.
 */
int text_source_open(struct text_source *text, int fd, struct error *err) _must_check_;
void text_source_close(struct text_source *text);

/* Reads the next target, as inspect() does. -ENODATA: there is none, or none left. */
int text_source_next(struct text_source *text, const struct request *request, struct space *space,
		     struct error *err) _must_check_;
