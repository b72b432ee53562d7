/* SPDX-License-Identifier: MIT */
/*
 * The separate file with the symbols and debug information that a distribution strips from its
 * programs: found by the program's build-id, and used only if its own build-id is the same.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/notes.h"
#include "source/source.h"

/*
 * Opens the debug file of an image for reading. Looks below /usr/lib/debug, as the target sees it
 * and then in our own root directory; next for the `link` (NULL: none) of the file at `path`:
 * beside that file, in .debug there, and in the same directory below /usr/lib/debug; and then, if
 * wanted, on the servers of $DEBUGINFOD_URLS, which may take a while. A descriptor; -ENOENT: there
 * is none; -ENOSYS: there is none, and no server could be asked, since none is set or libdebuginfod
 * is missing; or another negative errno, from a server or for a file that exists and cannot be
 * read.
 */
int debug_file_open(struct source *source, const struct image *image, const char *path, const char *link,
		    bool want_debuginfod);

/*
 * Likewise opens the file that several debug files share (dwz(1)), given the name and the build-id
 * in .gnu_debugaltlink. Only the part of the name from /.dwz/ on counts: it is looked for below
 * /usr/lib/debug.
 */
int debug_file_open_shared(struct source *source, const char *name, const unsigned char *build_id,
			   size_t len);

/*
 * Whether only we, or the administrator, can truncate a debug file while it is in use: libdw maps
 * the files whose descriptors it gets.
 */
bool debug_file_is_ours(int fd, const struct image *image);

/* The name in a file's .gnu_debuglink; NULL: none. The caller frees it. */
char *debug_file_link(int fd);

/* Adds a note about -ENOSYS, however many files it was returned for. */
void debug_file_note_absent(struct notes *notes);
