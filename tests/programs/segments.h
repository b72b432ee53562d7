/* SPDX-License-Identifier: MIT */
/* For programs that map the segments of an ELF file themselves, as a loader does. */
#pragma once

#include <elf.h>
#include <link.h>
#include <sys/mman.h>

#define PAGE 4096UL
#define FLOOR(x) ((x) & -PAGE)
#define CEIL(x) FLOOR((x) + PAGE - 1)

static inline int prot_of(const ElfW(Phdr) * p)
{
	return (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0) |
	       (p->p_flags & PF_X ? PROT_EXEC : 0);
}
