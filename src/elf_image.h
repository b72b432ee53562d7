/* SPDX-License-Identifier: MIT */
/*
 * ELF headers (elf(5)) turned into a struct image, by libelf; no libelf type leaves this file.
 * Files are hostile: what contradicts itself is refused as a whole.
 *
 * All return 0, -ENOEXEC (not an ELF executable or shared object), -EBADMSG (one that is
 * damaged) or another negative errno. The caller frees the image with image_free().
 */
#pragma once

#include <stddef.h>

#include "addrspace.h"

/* From a file, read by pread(): the position of `fd` does not matter and is not kept. */
int elf_image_read(int fd, struct image **ret);

/*
 * From a copy of the first page (or pages) that a file has in memory. Section headers, which
 * are not loaded, are not to be had in this way.
 */
int elf_image_parse(const void *page, size_t len, struct image **ret);

/* The build-id of a file, for comparing; its length, or 0 when it has none. */
size_t elf_image_build_id(int fd, unsigned char ret[BUILD_ID_MAX]);
