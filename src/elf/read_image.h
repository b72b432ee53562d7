/* SPDX-License-Identifier: MIT */
/*
 * ELF headers (elf(5)) turned into a struct image, by libelf; libelf stays behind it.
 * Files are hostile: what contradicts itself is refused as a whole.
 *
 * All return 0, -ENOEXEC (not an ELF executable or shared object), -EBADMSG (one that is
 * damaged) or another negative errno. The caller frees the image with image_free().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "model/facts.h"

/*
 * From a file, read by pread(): the position of `fd` does not matter and is not kept. Sections
 * are read where the segments leave a question; `want_sections`: all of them, with names. Of a file with
 * more of them than libelf can be given there are none, and the image says so; -E2BIG where its first page does
 * not have all program headers.
 */
int elf_image_read(int fd, bool want_sections, struct image **ret) _must_check_;

/*
 * From a copy of what a file has in memory: its first page, where section headers are seldom
 * present, or all of it.
 */
int elf_image_parse(const void *bytes, size_t len, bool want_sections, struct image **ret) _must_check_;

/* How long the file is by its headers, of which `bytes` are the first. */
uint64_t elf_image_file_size(const void *bytes, size_t len, const struct image *image);

/*
 * From the first bytes of a file, without its build-id; -ENODATA when these are not enough to say
 * what is where.
 */
int elf_image_parse_start(const void *bytes, size_t len, struct image **ret) _must_check_;

/*
 * Looks for a build-id in the sections of a file whose segments do not have one: Go's linker, and
 * strip of debug files, leave it so. 0, also where there is none; or the negative errno of why they could
 * not be read.
 */
int elf_image_find_build_id(int fd, struct image *image);

/* Warns of mapped files whose sections could not be read since there are too many. */
void elf_note_unread_sections(struct facts *facts);

/* The build-id of a file, for comparing: its length, 0 where it has none, or a negative errno. */
ssize_t elf_image_build_id(int fd, unsigned char ret[BUILD_ID_MAX]) _must_check_;
