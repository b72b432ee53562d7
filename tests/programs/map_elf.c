/* SPDX-License-Identifier: MIT */
/*
 * Maps the segments of ELF files that are embedded in another file, as Android's linker does with
 * libraries in an archive: map_elf FILE OFFSET [OFFSET]... Prints the address of each.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>

#include "program.h"

#define PAGE 4096UL
#define FLOOR(x) ((x) & -PAGE)
#define CEIL(x) FLOOR((x) + PAGE - 1)

static int prot_of(const ElfW(Phdr) * p)
{
	return (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0) |
	       (p->p_flags & PF_X ? PROT_EXEC : 0);
}

static void map(int fd, off_t at, char *base, const ElfW(Phdr) * p)
{
	unsigned long start = FLOOR(p->p_vaddr);
	unsigned long middle = CEIL(p->p_vaddr + p->p_filesz);
	unsigned long end = CEIL(p->p_vaddr + p->p_memsz);

	require(mmap(base + start, middle - start, prot_of(p), MAP_PRIVATE | MAP_FIXED, fd,
		     at + (off_t)FLOOR(p->p_offset)) != MAP_FAILED,
		"mmap");
	if (p->p_flags & PF_W)
		memset(base + p->p_vaddr + p->p_filesz, 0, middle - (p->p_vaddr + p->p_filesz));
	if (end > middle)
		require(mmap(base + middle, end - middle, prot_of(p), MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS,
			     -1, 0) != MAP_FAILED,
			"mmap");
}

static void load(int fd, off_t at)
{
	char header[4096];
	ElfW(Ehdr) *ehdr = (void *)header;
	ElfW(Phdr) * phdrs;
	unsigned long end = 0;
	char *base;

	require(pread(fd, header, sizeof(header), at) > 0, "pread");
	phdrs = (void *)(header + ehdr->e_phoff);
	for (int i = 0; i < ehdr->e_phnum; i++)
		if (phdrs[i].p_type == PT_LOAD)
			end = CEIL(phdrs[i].p_vaddr + phdrs[i].p_memsz);
	base = mmap(NULL, end, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	require(base != MAP_FAILED, "mmap");
	for (int i = 0; i < ehdr->e_phnum; i++)
		if (phdrs[i].p_type == PT_LOAD)
			map(fd, at, base, &phdrs[i]);
	printf("%p\n", (void *)base);
}

int main(int argc, char **argv)
{
	int fd = open(argv[1], O_RDONLY);

	require(fd >= 0, argv[1]);
	for (int i = 2; i < argc; i++)
		load(fd, strtol(argv[i], NULL, 0));
	ready();
	wait_for_end();
	return 0;
}
