/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/mountinfo (proc(5)): which devices are file systems that the process can see.
 * Pure: text in, answer out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mount {
	MOUNT_NONE, /* not mounted: a file system that the kernel keeps to itself */
	MOUNT_SHM,  /* mounted on …/dev/shm, perhaps elsewhere too */
	MOUNT_OTHER,
};

/* Where a device is mounted; `text` is that of /proc/PID/mountinfo. */
enum mount parse_mounts(const char *text, uint32_t major, uint32_t minor);

/*
 * Whether a device is mounted, and its file system comes from this machine's kernel: not from a
 * server (FUSE, NFS and so on), which may be down and may belong to anybody.
 */
bool mounts_is_local(const char *text, uint32_t major, uint32_t minor);

/* The same for the ID of a mount, as in /proc/PID/fdinfo. */
bool mounts_is_local_mount(const char *text, uint64_t id);

/* Whether all file systems are local. */
bool mounts_are_local(const char *text);
