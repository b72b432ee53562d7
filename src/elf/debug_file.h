/* SPDX-License-Identifier: MIT */
/*
 * The separate file with the symbols and debug information that a distribution strips from its
 * programs: found by the program's build-id, and used only when it has the same.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/notes.h"
#include "source/source.h"

/*
 * Opens the debug file of an image for reading: from below /usr/lib/debug as the
 * target sees it, then in our own root directory; then what the file at `path` names as its
 * `link` (NULL: nothing), beside it, in .debug there, or in that directory below /usr/lib/debug; and
 * then, if wanted, from the servers of $DEBUGINFOD_URLS, which may take its time. A descriptor;
 * -ENOENT: there is none; -ENOSYS: nor could a server be asked, since none is set or libdebuginfod is
 * missing; or another negative errno, of the servers' or of a file that is there and cannot be read.
 */
int debug_file_open(struct source *source, const struct image *image, const char *path, const char *link,
		    bool want_debuginfod);

/*
 * Likewise the file that several debug files share (dwz(1)), given the name and the build-id in
 * .gnu_debugaltlink. The name counts only where it lies below /usr/lib/debug.
 */
int debug_file_open_shared(struct source *source, const char *name, const unsigned char *build_id,
			   size_t len);

/*
 * Whether a debug file is one that only we, or the administrator, can cut short while it is in use: what libdw is
 * given by its descriptor, it maps.
 */
bool debug_file_is_ours(int fd, const struct image *image);

/* What a file names as its link (.gnu_debuglink); NULL: nothing. The caller frees it. */
char *debug_file_link(int fd);

/* Notes that -ENOSYS, of one file or more. */
void debug_file_note_absent(struct notes *notes);
