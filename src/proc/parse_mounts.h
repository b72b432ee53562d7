/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/mountinfo (proc(5)): which devices are file systems that the process can see.
 * Pure: text in, answer out.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum mount {
	MOUNT_NONE, /* not mounted: a file system that the kernel keeps to itself */
	MOUNT_SHM,  /* mounted on …/dev/shm, perhaps elsewhere too */
	MOUNT_OTHER,
};

enum mount parse_mounts(const char *text, uint32_t major, uint32_t minor);
