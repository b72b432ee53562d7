/* SPDX-License-Identifier: MIT */
/*
 * Loads a library and replaces a part of it with other memory: replace_pages LIBRARY WHAT HOW. WHAT is
 * "relro" or the number of a segment. HOW is "file", a file with a copy that processes share, as Android
 * does for its WebView; "copy", a copy in anonymous memory; or "none", no memory at all.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>

#include "load.h"
#include "program.h"

struct part {
	const char *name, *what;
	unsigned long start, end;
	int prot;
};

static int find(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct part *part = arg;
	unsigned long page = (unsigned long)sysconf(_SC_PAGESIZE);
	int n = 0;

	(void)size;
	if (strcmp(info->dlpi_name, part->name) != 0)
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		int is_relro = p->p_type == PT_GNU_RELRO && strcmp(part->what, "relro") == 0;
		int is_segment = p->p_type == PT_LOAD && part->what[0] <= '9' && n++ == atoi(part->what);

		if (!is_relro && !is_segment)
			continue;
		part->start = (info->dlpi_addr + p->p_vaddr) & -page;
		part->end =
			(info->dlpi_addr + p->p_vaddr + (is_relro ? p->p_memsz : p->p_filesz + page - 1)) &
			-page;
		part->prot = (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0) |
			     (p->p_flags & PF_X ? PROT_EXEC : 0);
	}
	return 1;
}

int main(int argc, char **argv)
{
	struct part part;
	size_t len;
	int fd;

	require(argc == 4, "LIBRARY WHAT HOW");
	load(argv[1]);
	part = (struct part){ .name = argv[1], .what = argv[2] };
	require(dl_iterate_phdr(find, &part) == 1 && part.start < part.end, "a part");
	len = part.end - part.start;
	if (strcmp(argv[3], "none") == 0) {
		require(munmap((void *)part.start, len) == 0, "munmap");
	} else {
		char *copy = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		memcpy(copy, (void *)part.start, len);
		if (strcmp(argv[3], "file") == 0) {
			fd = open("shared.pages", O_RDWR | O_CREAT | O_TRUNC, 0600);
			require(fd >= 0 && write(fd, copy, len) == (ssize_t)len, "shared.pages");
			require(mmap((void *)part.start, len, part.prot, MAP_PRIVATE | MAP_FIXED, fd, 0) !=
					MAP_FAILED,
				"mmap");
		} else {
			require(mprotect(copy, len, part.prot) == 0, "mprotect");
			require(mremap(copy, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, part.start) !=
					MAP_FAILED,
				"mremap");
		}
	}
	printf("%lx %lx\n", part.start, part.end);
	ready();
	wait_for_end();
	return 0;
}
