/* SPDX-License-Identifier: MIT */
/*
 * Copies of files that somebody else may change, truncate or remove while we read them.
 */
#pragma once

#include <stdint.h>

#define COPY_SIZE_MAX (512u << 20)

/* Makes an empty file in our own memory, for copy_file(). A descriptor, or a negative errno. */
int make_memory_file(void);

/* Copies a whole regular file. 0; -EFBIG: it is larger than COPY_SIZE_MAX; or another negative errno. */
int copy_file(int fd, int memory_fd);

/*
 * Copies `len` bytes from offset `at` to an empty file, or fewer if the file ends first. Holes stay
 * holes: they need no memory. Returns like copy_file().
 */
int copy_file_part(int fd, uint64_t at, uint64_t len, int memory_fd);
