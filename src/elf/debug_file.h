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
 * Opens the debug file of a build-id for reading: from below /usr/lib/debug in the process's own
 * root directory (`proc` is NULL: no process), then in ours, and then, if wanted, from the
 * servers of $DEBUGINFOD_URLS, which may take its time. A descriptor; -ENOENT: there is none;
 * -ENOSYS: nor could a server be asked, since none is set or libdebuginfod is missing; or another
 * negative errno of the servers'.
 */
int debug_file_open(struct source *source, const unsigned char *build_id, size_t len, bool want_debuginfod);

/* Notes that -ENOSYS, of one file or more. */
void debug_file_note_absent(struct notes *notes);

/* Opens the file that a path in the process's root directory leads to, if it has that build-id. */
int debug_file_open_path(struct source *source, const char *path, const unsigned char *build_id, size_t len);
