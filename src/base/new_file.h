/* SPDX-License-Identifier: MIT */
/*
 * A file that is replaced in one step: who reads it sees the old one or the new one, and never a part.
 */
#pragma once

#include <stdio.h>

#include "base/error.h"

struct new_file {
	char *path;	 /* its name in the end; links are resolved */
	char *temporary; /* its name until then, in the same directory */
	FILE *file;
};

/*
 * Begins a new file for `path`, where there is nothing, a regular file, or a symbolic link to one; such a link stays,
 * but a broken one is replaced. The new file keeps the old one's mode, and its owner and group where we may set them;
 * without the group, the mode gives nobody more access than before. If the old file is somebody else's and others
 * can write to its directory, owner and group are not kept, and the umask limits the mode. 0, and the caller ends it
 * with new_file_finish(); or a negative errno.
 */
int new_file_begin(struct new_file *new_file, const char *path, struct error *err);

/* Whether a new file can be begun for `path`, which stays as it is. 0 or a negative errno, as new_file_begin(). */
int new_file_check(const char *path, struct error *err);

/* Puts the new file in the place of the old one; `is_good` false: drops it. 0 or a negative errno. */
int new_file_finish(struct new_file *new_file, bool is_good, struct error *err);
