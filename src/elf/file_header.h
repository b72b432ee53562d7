/* SPDX-License-Identifier: MIT */
/*
 * The header of an ELF file: what it is, for which machine, and who loads it.
 */
#pragma once

#include "model/facts.h"

/*
 * From a file that elf_image_read() has found to be in order. 0, -EBADMSG, or -E2BIG where it has too many
 * sections. The interpreter is the caller's to free.
 */
int elf_header_read(int fd, struct elf_header *ret);
