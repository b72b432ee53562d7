/* SPDX-License-Identifier: MIT */
/*
 * Takes the place of unwind/frames_process.c in a build without libdw.
 */
#include <errno.h>

#include "unwind/read_frames.h"

const bool can_read_frames = false;

int read_frames_apart(struct source *source _unused_, const struct space *space _unused_,
		      int32_t tid _unused_, enum debug_use use _unused_, struct answers *answers _unused_,
		      struct error *err)
{
	return error_set(err, -ENOTSUP, "made without libdw");
}
