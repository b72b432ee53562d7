/* SPDX-License-Identifier: MIT */
/*
 * Reads an ELF executable or shared object into the facts of an address space: its segments as
 * the kernel or ld.so would map them, at the addresses in the file.
 *
 * Each segment takes the pages from its first byte to its last one. Those that the file has
 * something for are mapped from it, the others are anonymous; where two segments claim one
 * page, the later one has it; and the pages of RELRO are no longer writable, as they are once
 * the loader is done. What lies between segments is left out: whether it is mapped is up to the
 * loader.
 */
#pragma once

#include "base/error.h"
#include "model/facts.h"
#include "model/need.h"

#define ELF_FILE_OBJECT 1 /* the file itself in facts.objects */

/*
 * Into facts that facts_init() has made. `name` is what the file is called;
 * `needs`: NEED_SECTIONS is read, and what of the others a file has not is noted. 0; -EBADMSG:
 * the file is damaged; or another negative errno.
 */
int read_elf_file(int fd, const char *name, unsigned needs, struct facts *facts, struct error *err);
