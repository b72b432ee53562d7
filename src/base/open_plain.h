/* SPDX-License-Identifier: MIT */
/*
 * The only way in which memmap opens a file that somebody else has chosen: it is looked at first, since opening
 * or reading some (devices, fifos, /proc/kmsg) has effects, or waits.
 */
#pragma once

#include <sys/stat.h>

/*
 * Opens for reading, without blocking, the plain file that an O_PATH descriptor stands for. `st` is what
 * fstat() shows of it: the caller knows it for the right file before a byte of it is read. A descriptor;
 * -ENXIO: no regular file, or one of a file system in which to read is to act (procfs, sysfs and their like); or
 * another negative errno.
 */
int open_plain(int path_fd, const struct stat *st);
