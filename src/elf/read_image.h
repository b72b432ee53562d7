/* SPDX-License-Identifier: MIT */
/*
 * Reads ELF headers (elf(5)) into a struct image with libelf, which callers do not see. Files are
 * hostile: one that contradicts itself is refused as a whole.
 *
 * All return 0, -ENOEXEC (not an ELF executable or shared object), -EBADMSG (one that is
 * damaged), -ENOBUFS (more headers than `budget` has left) or another negative errno. The caller
 * frees the image with image_free().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "elf/image_budget.h"
#include "model/facts.h"

/*
 * From a file, wherever the position of `fd` is; it may change. Sections are read if the segments
 * leave a question; `want_sections`: all of them, with names. If a file has too many sections for
 * libelf, none are read, and the image says so; -E2BIG: besides, its first page lacks some program
 * headers.
 */
int elf_image_read(int fd, bool want_sections, struct image_budget *budget, struct image **ret) _must_check_;

/* From a copy of a file in memory: its first page, which seldom has section headers, or all of it. */
int elf_image_parse(const void *bytes, size_t len, bool want_sections, struct image_budget *budget,
		    struct image **ret) _must_check_;

/* The size of a file according to its headers; it begins with `bytes`, and `image` was read from it. */
uint64_t elf_image_file_size(const void *bytes, size_t len, const struct image *image);

/*
 * From the first bytes of a file, without its build-id; -ENODATA if they are not enough to say what
 * is where.
 */
int elf_image_parse_start(const void *bytes, size_t len, struct image **ret) _must_check_;

/*
 * Looks for a build-id in the sections of a file whose segments have none, as in files from Go's
 * linker and debug files from strip. 0, even if there is none; or a negative errno: they could not
 * be read.
 */
int elf_image_find_build_id(int fd, struct image_budget *budget, struct image *image);

/* Warns about mapped files that have too many sections to be read. */
void elf_note_unread_sections(struct facts *facts);

/* The build-id of a file, for comparing. Its length, 0 if it has none, or a negative errno. */
ssize_t elf_image_build_id(int fd, unsigned char ret[BUILD_ID_MAX]) _must_check_;
