/* SPDX-License-Identifier: MIT */
/*
 * Build-ids (NT_GNU_BUILD_ID) in the notes of a file; for the few source files that use libelf. For
 * whole files, call elf_image_build_id() of read_image.h.
 */
#pragma once

#include <gelf.h>
#include <stdbool.h>

#include "model/image.h"

#define ELF_NOTES_MAX 16	      /* a file with more notes than this was made to keep its readers busy */
#define ELF_NOTES_SIZE_MAX (64 << 10) /* of one segment or section of notes */

/* Looks through `len` bytes of notes at an offset in the file. False when they cannot be read. */
bool image_read_build_id(Elf *elf, uint64_t offset, uint64_t len, uint64_t align, struct image *image);
