/* SPDX-License-Identifier: MIT */
/*
 * memory PLAIN SHM ELF: maps every kind of memory that belongs to no module. The arguments are files
 * of at least one page: a plain one, one under /dev/shm, and an ELF file to map without loading it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "truth.h"

#define RW (PROT_READ | PROT_WRITE)
#define SIZE 65536

static void *map(const char *what, size_t size, int protection, int flags, int fd)
{
	return checked(mmap(NULL, size, protection, flags, fd, 0), what);
}

static void tell_span(const char *start, size_t size, const char *kind, const char *what)
{
	tell(start, kind, what, NULL);
	tell(start + size - 1, kind, what, NULL);
}

static void tell_file(const char *path, int protection, int flags, const char *kind, const char *what)
{
	int fd = open(path, flags & MAP_SHARED ? O_RDWR : O_RDONLY);
	size_t size = SIZE;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		perror(path);
		exit(1);
	}
	/* A device has no size. */
	if (S_ISREG(st.st_mode))
		size = (size_t)st.st_size;
	tell_span(map(path, size, protection, flags, fd), size, kind, what);
	close(fd);
}

static void tell_anonymous(void)
{
	const int private = MAP_PRIVATE | MAP_ANONYMOUS, shared = MAP_SHARED | MAP_ANONYMOUS;
	/* Far bigger than anything that guards a neighbour. */
	const size_t reserve = (size_t)256 << 20;

	tell_span(map("anon", SIZE, RW, private, -1), SIZE, "anon", "private");
	tell_span(map("anon", SIZE, PROT_READ, private, -1), SIZE, "anon", "read-only");
	tell_span(map("jit", SIZE, PROT_READ | PROT_EXEC, private, -1), SIZE, "jit", "code");
	tell_span(map("jit", SIZE, RW | PROT_EXEC, private, -1), SIZE, "jit", "writable-code");
	tell_span(map("shared", SIZE, RW, shared, -1), SIZE, "shm", "shared");
	tell_span(map("reserve", reserve, PROT_NONE, private | MAP_NORESERVE, -1), reserve, "reserved",
		  "reserve");
}

static void tell_memfd(void)
{
	int fd = memfd_create("truth", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, SIZE) != 0) {
		perror("memfd");
		exit(1);
	}
	tell_span(map("memfd", SIZE, RW, MAP_SHARED, fd), SIZE, "shm", "memfd");
	close(fd);
}

static void tell_sysv(void)
{
	int id = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
	char *start = checked(shmat(id, NULL, 0), "shmat");

	/* The segment must be gone when this program is killed. */
	shmctl(id, IPC_RMID, NULL);
	tell_span(start, SIZE, "shm", "sysv");
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	tell_anonymous();
	tell_memfd();
	tell_sysv();
	tell_file(argv[1], RW, MAP_PRIVATE, "file", "file-private");
	tell_file(argv[1], RW, MAP_SHARED, "file", "file-shared");
	tell_file(argv[2], RW, MAP_SHARED, "shm", "dev-shm");
	tell_file(argv[3], PROT_READ, MAP_PRIVATE, "file", "elf-as-data");
	tell_file(argv[3], RW, MAP_PRIVATE, "file", "elf-as-writable-data");
	/* A private mapping of /dev/zero is anonymous memory by another name. */
	tell_file("/dev/zero", RW, MAP_PRIVATE, "anon", "zero-private");
	tell_file("/dev/zero", RW, MAP_SHARED, "shm", "zero-shared");
	if (getauxval(AT_SYSINFO_EHDR))
		tell((void *)getauxval(AT_SYSINFO_EHDR), "vdso", "vdso", NULL);
	ready_and_wait();
	return 0;
}
