/* SPDX-License-Identifier: MIT */
/*
 * An ELF executable or shared object as a source: its segments as
 * the kernel or ld.so would map them, at the addresses in the file.
 *
 * Each segment takes the pages from its first byte to its last one. Those that the file has
 * something for are mapped from it, the others are anonymous; where two segments claim one
 * page, the later one has it; and the pages of RELRO are no longer writable, as they are once
 * the loader is done. What lies between segments is left out: whether it is mapped is up to the
 * loader.
 */
#pragma once

#include "source/source.h"

#define ELF_FILE_OBJECT 1 /* the file itself in facts.objects */

struct elf_file {
	struct source source; /* to be asked */
	int fd;
	const char *name;
};

/*
 * `fd` is open for reading, `name` is what the file is called; both are borrowed. To read its facts gives
 * -EBADMSG or -ENOEXEC where the file is damaged. NEED_SECTIONS is read, and what of the other needs a file
 * does not have is noted.
 */
void elf_file_init(struct elf_file *file, int fd, const char *name);
