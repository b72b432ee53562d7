/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/mountinfo (proc(5)): which devices are file systems that the process can see.
 * Pure: text in, table out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

enum mount {
	MOUNT_NONE, /* not mounted: a file system that the kernel keeps to itself */
	MOUNT_SHM,  /* mounted on …/dev/shm, perhaps elsewhere too */
	MOUNT_OTHER,
};

struct mounted_device {
	uint32_t major, minor;
	uint32_t line; /* the first that has it */
	bool is_local, is_shm;
};

struct mount_number {
	uint64_t id;
	uint32_t line;
	bool is_local;
};

/* There may be a hundred thousand mounts, and as many files to ask about. */
struct mounts {
	struct mounted_device *devices; /* sorted */
	struct mount_number *numbers;	/* sorted by ID */
	size_t n_devices, n_numbers;
	bool are_local; /* all file systems are local, in the sense of mounts_is_local() */
};

/* `text` is that of /proc/PID/mountinfo. */
void parse_mounts(struct mounts *mounts, const char *text);
void mounts_done(struct mounts *mounts);

/* Where a device is mounted. */
enum mount mounts_find(const struct mounts *mounts, uint32_t major, uint32_t minor) _pure_;

/*
 * Whether a device is mounted, and its file system comes from this machine's kernel: not from a
 * server (FUSE, NFS and so on), which may be down and may belong to anybody.
 */
bool mounts_is_local(const struct mounts *mounts, uint32_t major, uint32_t minor) _pure_;

/* The same for the ID of a mount, as in /proc/PID/fdinfo. */
bool mounts_is_local_mount(const struct mounts *mounts, uint64_t id) _pure_;
