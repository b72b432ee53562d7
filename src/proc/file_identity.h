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
 * Device and inode differ for the same file on overlayfs and btrfs, where the kernel shows one
 * pair in maps and another to stat(). Its contents then have to show it.
 */
bool file_has_same_contents(struct proc *proc, const struct mapping *mapping, int fd);

/*
 * On overlayfs a file that is written to becomes another one, in the upper layer, and keeps its
 * device, inode and all links to it; what is mapped is still the one in the lower layer, which
 * nothing leads to any more. Elsewhere what is mapped changes along with its file.
 */
bool file_may_be_two(const struct stat *st, int fd);

/*
 * Whether the kernel still has this file at a mapping's place; `maps_fd` is an open /proc/PID/maps. False,
 * too, where it cannot be asked (PROCMAP_QUERY, Linux 6.11).
 */
bool object_is_mapped(int maps_fd, const struct mapping *mapping, const struct object *object);
