/* SPDX-License-Identifier: MIT */
/*
 * An ELF executable or shared object as a source: its segments as the kernel or ld.so would map
 * them, at the addresses in the file.
 *
 * Each segment takes the pages from its first byte to its last one. Pages with contents in the file
 * are mapped from it, the others are anonymous. If two segments claim a page, the later one gets
 * it. RELRO pages are not writable, as after the loader is done. Gaps between segments are left
 * out: whether they are mapped is up to the loader.
 */
#pragma once

#include "source/source.h"

#define ELF_FILE_OBJECT 1 /* index of the file itself in facts.objects */

struct elf_file {
	struct source source; /* for source_*() */
	int fd;
	const char *name;
};

/*
 * `fd` is open for reading, `name` is the name of the file; both are borrowed. Reading the facts
 * fails with -EBADMSG or -ENOEXEC if the file is damaged. NEED_SECTIONS is met; other needs that a
 * file cannot meet are noted.
 */
void elf_file_init(struct elf_file *file, int fd, const char *name);
