/* SPDX-License-Identifier: MIT */
/*
 * A file that is replaced in one step: who reads it sees the old one or the new one, and never a part.
 */
#pragma once

#include <stdio.h>

#include "base/error.h"

struct new_file {
	char *path;	 /* that it gets: where symbolic links lead to, if there is a file */
	char *temporary; /* its name until then, in the same directory */
	FILE *file;
};

/*
 * Begins a new file for `path`: none, or a regular file, or a symbolic link to one, which stays. It has the mode
 * of the old file, and its owner and group as far as the user may give them: where not the group, the mode without
 * what this adds. Of somebody else's file in a directory where others may put files it has neither, and no access
 * beyond the umask. A link that leads nowhere is replaced itself. 0, and it ends with new_file_finish(); or a
 * negative errno.
 */
int new_file_begin(struct new_file *new_file, const char *path, struct error *err);

/* Whether a new file can be begun for `path`, which stays as it is. 0 or a negative errno, as new_file_begin(). */
int new_file_check(const char *path, struct error *err);

/* Puts the new file in the place of the old one; `is_good` false: drops it. 0 or a negative errno. */
int new_file_finish(struct new_file *new_file, bool is_good, struct error *err);
