/* SPDX-License-Identifier: MIT */
/*
 * A snapshot as a source: the output of memmap --json, with one or several targets. It was judged when
 * it was written, so nothing is judged again, and no other file is read.
 *
 * A snapshot that is damaged, hostile or of a later format is refused, with the place. If it is accepted,
 * the parts of a space fit together as they do when it is read from a process.
 */
#pragma once

#include "source/source.h"

/* Bytes of a document: a few million regions, or half of that with all figures. */
#define SNAPSHOT_MAX (UINT64_C(1) << 30)

struct document;

struct snapshot {
	/* Gives one target after another; inspect() returns -ENODATA when there are no more. */
	struct source source;
	struct document *document;
	size_t n_members, n_targets; /* read so far */
	bool has_format, has_begun, has_ended;
};

/*
 * Takes ownership of the text of a document, which has a NUL after it. Call source_close() in the end,
 * even if this fails. 0; -ENOTSUP: there is no jansson in this build; -ENOSYS: there is none on this
 * system.
 */
int snapshot_open(struct snapshot *snapshot, char *text, size_t len, struct error *err) _must_check_;
