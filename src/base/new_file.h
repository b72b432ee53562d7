/* SPDX-License-Identifier: MIT */
/*
 * A file that is replaced in one step: readers see the old one or the new one, never a part.
 */
#pragma once

#include <stdio.h>

#include "base/error.h"

struct new_file {
	char *path;	 /* its final name; links are resolved */
	char *temporary; /* its name until then, in the same directory */
	FILE *file;
};

/*
 * Begins a new file for `path`, which does not exist, or is a regular file or a symbolic link to
 * one. Such a link stays, but a broken one is replaced. The new file keeps the old one's mode, and
 * its owner and group if we may set them; without the group, the mode gives nobody more access than
 * before. If the old file is somebody else's and others can write to its directory, owner and group
 * are not kept, and the umask limits the mode. 0, and the caller must call new_file_finish(); or a
 * negative errno.
 */
int new_file_begin(struct new_file *new_file, const char *path, struct error *err);

/* Checks whether new_file_begin() would succeed; `path` stays as it is. 0, or the same negative errno. */
int new_file_check(const char *path, struct error *err);

/* Replaces the old file with the new one or, if not `is_good`, drops the new one. 0 or a negative errno. */
int new_file_finish(struct new_file *new_file, bool is_good, struct error *err);
