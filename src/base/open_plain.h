/* SPDX-License-Identifier: MIT */
/*
 * The only way in which memmap opens a file that somebody else has chosen. It looks at the file
 * first, since opening or reading some (devices, fifos, /proc/kmsg) blocks or has side effects.
 */
#pragma once

#include <sys/stat.h>

/*
 * Opens the plain file behind an O_PATH descriptor for reading, without blocking. `st` comes from
 * fstat() on that descriptor, so the caller can tell that it is the right file before a byte of it
 * is read. A descriptor; -ENXIO: not a regular file, or on a file system where reading has side
 * effects (procfs, sysfs and the like); or another negative errno.
 */
int open_plain(int path_fd, const struct stat *st);

/*
 * fstat() of an O_PATH descriptor, with what the kernel knows without asking a server: device,
 * inode, mode, link count, owner and the time of the last modification. 0, or a negative errno.
 */
int stat_cached(int path_fd, struct stat *ret);
