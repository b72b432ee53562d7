/* SPDX-License-Identifier: MIT */
/*
 * Maps a library as ld.so does, whole and then its segments in their places, again and again, and does
 * something else for a while after the first one of code: slow_loader LIBRARY MILLISECONDS
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <time.h>

#include "program.h"
#include "segments.h"

struct library {
	int fd;
	char header[4096];
	const ElfW(Phdr) * segments[8];
	int n_segments;
	char *base;
	size_t size;
};

static void look_at(struct library *library, const char *path)
{
	const ElfW(Ehdr) *ehdr = (void *)library->header;
	const ElfW(Phdr) * phdrs;

	library->fd = open(path, O_RDONLY);
	require(library->fd >= 0, path);
	require(pread(library->fd, library->header, sizeof(library->header), 0) > 0, "pread");
	phdrs = (void *)(library->header + ehdr->e_phoff);
	for (int i = 0; i < ehdr->e_phnum; i++)
		if (phdrs[i].p_type == PT_LOAD) {
			require(library->n_segments < 8, "too many segments");
			library->segments[library->n_segments++] = &phdrs[i];
			library->size = CEIL(phdrs[i].p_vaddr + phdrs[i].p_memsz);
		}
	library->base = mmap(NULL, library->size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	require(library->base != MAP_FAILED, "mmap");
}

static void map_whole(const struct library *library)
{
	require(mmap(library->base, library->size, prot_of(library->segments[0]), MAP_PRIVATE | MAP_FIXED,
		     library->fd, 0) != MAP_FAILED,
		"mmap");
}

static void map_segment(const struct library *library, const ElfW(Phdr) * p)
{
	unsigned long start = FLOOR(p->p_vaddr);

	require(mmap(library->base + start, CEIL(p->p_vaddr + p->p_filesz) - start, prot_of(p),
		     MAP_PRIVATE | MAP_FIXED, library->fd, (off_t)FLOOR(p->p_offset)) != MAP_FAILED,
		"mmap");
}

int main(int argc, char **argv)
{
	struct library library = { 0 };
	struct timespec pause = { 0 };

	require(argc == 3, "usage: slow_loader LIBRARY MILLISECONDS");
	look_at(&library, argv[1]);
	pause.tv_nsec = strtol(argv[2], NULL, 0) * 1000000;
	for (int n = 0;; n++) {
		map_whole(&library);
		for (int i = 0; i < library.n_segments; i++) {
			map_segment(&library, library.segments[i]);
			if (library.segments[i]->p_flags & PF_X)
				nanosleep(&pause, NULL);
		}
		if (n == 0)
			ready();
		nanosleep(&pause, NULL);
	}
}
