/* SPDX-License-Identifier: MIT */
/*
 * The header of an ELF file: what it is, for which machine, and who loads it.
 */
#pragma once

#include "model/facts.h"

/*
 * From a file that elf_image_read() has found to be in order. 0, or -EBADMSG. The interpreter is
 * the caller's to free.
 */
int elf_header_read(int fd, struct elf_header *ret);
