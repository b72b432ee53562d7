/* SPDX-License-Identifier: MIT */
/*
 * Writes a snapshot of a process to a file.
 */
#pragma once

#include "base/error.h"
#include "commands/read_guarded.h"
#include "front/options.h"
#include "front/targets.h"

/*
 * Writes the map with all that --json can have with it, and what the view shows if that can be read
 * back. The file is replaced in one step; on failure it stays as it is. 0, or a negative errno: as
 * read_guarded(), or the file cannot be written.
 */
int save_snapshot(const struct options *options, const struct target *target,
		  const struct successor *successor, const char *path, struct error *err);
