/* SPDX-License-Identifier: MIT */
/*
 * Whether a file is the one that a process has mapped.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "model/facts.h"
#include "proc/process.h"

/* By device and inode. */
bool file_has_identity(const struct object *object, const struct stat *st);

/*
 * On overlayfs and btrfs, device and inode can differ for the same file: the kernel shows one pair
 * in maps and another to stat(). The contents then have to show that it is the same file.
 */
bool file_has_same_contents(struct proc *proc, const struct mapping *mapping, int fd);

/*
 * On overlayfs, the first write to a file copies it to the upper layer. The copy keeps the device,
 * the inode and all links, while the mapping still shows the file in the lower layer, which no path
 * leads to any more. On other file systems, a mapping changes along with its file.
 */
bool file_may_be_two(const struct stat *st, int fd);

/*
 * Whether the kernel still has this file at the mapping's address; `maps_fd` is an open
 * /proc/PID/maps. Also false if the kernel cannot be asked (PROCMAP_QUERY, Linux 6.11).
 */
bool object_is_mapped(int maps_fd, const struct mapping *mapping, const struct object *object);
