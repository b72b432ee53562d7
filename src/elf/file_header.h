/* SPDX-License-Identifier: MIT */
/*
 * The header of an ELF file: its type, its machine, and its loader.
 */
#pragma once

#include "model/facts.h"

/*
 * From a file that elf_image_read() has accepted. 0; -EBADMSG; -E2BIG: it has too many sections; or
 * another negative errno. The caller frees the interpreter.
 */
int elf_header_read(int fd, struct elf_header *ret);
