/* SPDX-License-Identifier: MIT */
/*
 * A process whose memory map is expensive to read in one way: many mappings, much resident memory,
 * many threads, many libraries.
 *
 *	target [stalls] MODE ARGUMENT...
 *
 * It does nothing until its standard input is closed; with "stalls" it keeps mapping and unmapping
 * a page and reports how long that took (stalls.h).
 */
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "program.h"
#include "stalls.h"

static size_t page;

static size_t number(const char *text)
{
	return text ? (size_t)strtoull(text, NULL, 0) : 0;
}

/* Small pages: it is chance whether the kernel finds huge ones. */
static char *reserve(size_t size)
{
	char *p =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	require(p != MAP_FAILED, "mmap");
	/* A kernel without huge pages refuses this, and does not need it. */
	madvise(p, size, MADV_NOHUGEPAGE);
	return p;
}

static void touch(char *p, size_t size)
{
	for (size_t i = 0; i < size; i += page)
		((volatile char *)p)[i] = 1;
}

/* Makes every other page read-only, so that neighbours do not merge. */
static void divide(char *p, size_t n)
{
	for (size_t i = 1; i < n; i += 2)
		require(mprotect(p + i * page, page, PROT_READ) == 0, "mprotect");
}

/* COUNT mappings of one page each. */
static void map_untouched(char **args)
{
	size_t n = number(args[0]);

	divide(reserve(n * page), n);
}

static void map_touched(char **args)
{
	size_t n = number(args[0]);
	char *p = reserve(n * page);

	touch(p, n * page);
	divide(p, n);
}

/* BYTES in small pages. */
static void map_resident(char **args)
{
	size_t size = number(args[0]);

	touch(reserve(size), size);
}

static int open_locked(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *p;

	require(fd >= 0, path);
	p = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0);
	require(p != MAP_FAILED, path);
	/* The lock keeps the page in memory for all of its mappings. */
	require(mlock(p, page) == 0, "mlock");
	return fd;
}

/* Maps the first page of a file, or, without a file, a page of anonymous memory. */
static void map_page(int fd, int protection)
{
	char *p = mmap(NULL, page, protection, MAP_PRIVATE | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

	require(p != MAP_FAILED, "mmap");
	(void)*(volatile char *)p;
}

/*
 * Maps the same page of a file again and again, so that the mappings do not merge, with the access
 * rights of a library's segments; with is_mixed every fourth mapping is anonymous.
 */
static void map_files_of(char **args, int is_mixed)
{
	static const int protections[] = { PROT_READ, PROT_READ | PROT_EXEC, PROT_READ | PROT_WRITE };
	size_t n = number(args[0]);
	size_t n_files = 0;
	int fds[64];

	for (char **path = args + 1; *path && n_files < 64; path++)
		fds[n_files++] = open_locked(*path);
	require(n_files > 0, "files");
	for (size_t i = 0; i < n; i++)
		if (is_mixed && i % 4 == 3)
			map_page(-1, PROT_READ | PROT_WRITE);
		else
			map_page(fds[i / 4 % n_files], protections[i % 3]);
	for (size_t i = 0; i < n_files; i++)
		close(fds[i]);
}

/* COUNT PATH... */
static void map_files(char **args)
{
	map_files_of(args, 0);
}

static void map_mixed(char **args)
{
	map_files_of(args, 1);
}

static void *wait_forever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

/* COUNT */
static void start_threads(char **args)
{
	for (size_t i = number(args[0]); i > 0; i--) {
		pthread_t thread;

		require(pthread_create(&thread, NULL, wait_forever, NULL) == 0, "pthread_create");
	}
}

static pthread_barrier_t has_begun;

static void *begin_and_wait(void *unused)
{
	pthread_barrier_wait(&has_begun);
	return wait_forever(unused);
}

#define STACK (1UL << 20)

/*
 * UNTOUCHED RESIDENT: bytes of one mapping, lowest addresses first. A thread has its stack at the top, so
 * that the kernel's counters for the mapping have to be divided.
 */
static void map_sparse(char **args)
{
	size_t untouched = number(args[0]);
	size_t size = untouched + number(args[1]);
	char *p = reserve(size);
	pthread_attr_t attr;
	pthread_t thread;

	require(size - untouched >= STACK, "room for a stack");
	touch(p + untouched, size - untouched);
	pthread_barrier_init(&has_begun, NULL, 2);
	pthread_attr_init(&attr);
	require(pthread_attr_setstack(&attr, p + size - STACK, STACK) == 0, "setstack");
	require(pthread_create(&thread, &attr, begin_and_wait, NULL) == 0, "pthread_create");
	/* Once the thread runs, the kernel knows its control block. */
	pthread_barrier_wait(&has_begun);
}

static void *map_at(void *at, size_t size, int protection, int fd, off_t offset)
{
	int flags = MAP_PRIVATE | (at ? MAP_FIXED : 0) | (fd < 0 ? MAP_ANONYMOUS : 0);
	void *p = mmap(at, size, protection, flags, fd, offset);

	require(p != MAP_FAILED, "mmap");
	return p;
}

static int protection_of(const ElfW(Phdr) * phdr)
{
	return (phdr->p_flags & PF_R ? PROT_READ : 0) | (phdr->p_flags & PF_W ? PROT_WRITE : 0) |
	       (phdr->p_flags & PF_X ? PROT_EXEC : 0);
}

static size_t up(size_t size)
{
	return (size + page - 1) & -page;
}

/* Maps a segment, the file's part and the zeroes behind it, and reads the pages of the file into memory. */
static void map_segment(char *base, const ElfW(Phdr) * phdr, int fd)
{
	char *start = base + (phdr->p_vaddr & -page);
	char *file_end = base + phdr->p_vaddr + phdr->p_filesz;
	char *end = base + up(phdr->p_vaddr + phdr->p_memsz);
	char *zeroes = base + up(phdr->p_vaddr + phdr->p_filesz);

	if (zeroes > start)
		map_at(start, (size_t)(zeroes - start), protection_of(phdr), fd,
		       (off_t)(phdr->p_offset & -page));
	if (end > zeroes)
		map_at(zeroes, (size_t)(end - zeroes), protection_of(phdr), -1, 0);
	if ((phdr->p_flags & PF_W) && zeroes > file_end)
		memset(file_end, 0, (size_t)(zeroes - file_end));
	for (char *p = start; (phdr->p_flags & PF_R) && p < zeroes; p += page)
		(void)*(volatile char *)p;
}

static void protect(char *base, const ElfW(Phdr) * relro)
{
	size_t start = relro->p_vaddr & -page;
	size_t end = (relro->p_vaddr + relro->p_memsz) & -page;

	if (end > start)
		require(mprotect(base + start, end - start, PROT_READ) == 0, "mprotect");
}

/* Maps a library as the loader does, but runs none of its code. */
static void map_library(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	_Alignas(16) char bytes[4096];
	const ElfW(Ehdr) *header = (const void *)bytes;
	const ElfW(Phdr) * phdrs;
	size_t end = 0;
	char *base;

	require(fd >= 0, path);
	require(read(fd, bytes, sizeof(bytes)) > 0, path);
	phdrs = (const void *)(bytes + header->e_phoff);
	for (size_t i = 0; i < header->e_phnum; i++)
		if (phdrs[i].p_type == PT_LOAD)
			end = up(phdrs[i].p_vaddr + phdrs[i].p_memsz);
	base = map_at(NULL, end, PROT_NONE, -1, 0);
	for (size_t i = 0; i < header->e_phnum; i++)
		if (phdrs[i].p_type == PT_LOAD)
			map_segment(base, &phdrs[i], fd);
	for (size_t i = 0; i < header->e_phnum; i++)
		if (phdrs[i].p_type == PT_GNU_RELRO)
			protect(base, &phdrs[i]);
	close(fd);
}

/* PATH... */
static void map_libraries(char **args)
{
	for (; *args; args++)
		map_library(*args);
}

static const struct mode {
	const char *name;
	void (*make)(char **args);
} modes[] = {
	{ "untouched", map_untouched }, { "touched", map_touched }, { "resident", map_resident },
	{ "files", map_files },		{ "mixed", map_mixed },	    { "threads", start_threads },
	{ "libraries", map_libraries }, { "sparse", map_sparse },
};

int main(int argc, char **argv)
{
	int has_stalls = argc > 1 && strcmp(argv[1], "stalls") == 0;
	char **args = argv + 1 + has_stalls;
	const struct mode *mode = NULL;

	page = (size_t)sysconf(_SC_PAGESIZE);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (args[0] && strcmp(args[0], modes[i].name) == 0)
			mode = &modes[i];
	if (!mode) {
		fprintf(stderr, "usage: target [stalls] MODE ARGUMENT...\n");
		return 2;
	}
	mode->make(args + 1);
	if (has_stalls) {
		measure_stalls();
	} else {
		ready();
		wait_for_end();
	}
	return 0;
}
