/* SPDX-License-Identifier: MIT */
/*
 * A snapshot as a source: what memmap --json has written, of one target or of several. What was judged then is not
 * judged again, and no other file is read.
 *
 * A snapshot that is damaged, hostile or of a later format is refused, with the place: whatever a space is made of
 * fits together as it does when it is read from a process.
 */
#pragma once

#include "source/source.h"

/* Bytes of a document: some million regions, or half of that with all figures. */
#define SNAPSHOT_MAX (UINT64_C(1) << 30)

struct document;

struct snapshot {
	/* To be asked for one target after another: inspect() gives -ENODATA when there is none left. */
	struct source source;
	struct document *document;
	size_t n_members, n_targets; /* that were read */
	bool has_format, has_begun, has_ended;
};

/*
 * Takes over the text of a document, with a NUL behind it. Ends with source_close(), also when it fails. 0; -ENOTSUP,
 * -ENOSYS: there is no jansson in this build, or on this system.
 */
int snapshot_open(struct snapshot *snapshot, char *text, size_t len, struct error *err) _must_check_;
