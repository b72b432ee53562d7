/* SPDX-License-Identifier: MIT */
/*
 * Memory of every sort that a core file may have or leave out: private, shared, of files, excluded from
 * dumps, read, written, or never touched. Dumps core once its input is closed. `dumps FILE LIBRARY [huge]`:
 * FILE is written to, LIBRARY is an ELF file.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "program.h"

#define MIB (1UL << 20)

static char *map(size_t size, int protection, int type, int fd, off_t offset)
{
	char *p = mmap(NULL, size, protection, type, fd, offset);

	require(p != MAP_FAILED, "mmap");
	return p;
}

static char *anonymous(size_t size, int type)
{
	return map(size, PROT_READ | PROT_WRITE, type | MAP_ANONYMOUS, -1, 0);
}

/* Each mapping has its own size, and inaccessible pages between them prevent merging. */
static void map_anonymous(void)
{
	map(4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(anonymous(1 * MIB, MAP_PRIVATE), 1, 4096);
	map(4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	anonymous(2 * MIB + 4096, MAP_PRIVATE | MAP_NORESERVE);
	map(4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(anonymous(3 * MIB, MAP_SHARED), 1, 8192);
}

static void map_not_dumped(void)
{
	char *private = anonymous(5 * MIB, MAP_PRIVATE);
	char *shared = anonymous(6 * MIB, MAP_SHARED);

	memset(private, 1, MIB);
	memset(shared, 1, MIB);
	require(madvise(private, 5 * MIB, MADV_DONTDUMP) == 0, "madvise");
	require(madvise(shared, 6 * MIB, MADV_DONTDUMP) == 0, "madvise");
}

static void map_files(const char *path, const char *library)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	int elf = open(library, O_RDONLY);
	int memory = memfd_create("dumps", 0);

	require(fd >= 0 && elf >= 0 && memory >= 0, "open");
	require(ftruncate(fd, 16 * MIB) == 0 && ftruncate(memory, 16 * MIB) == 0, "ftruncate");
	memset(map(7 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), 1, 4096);
	*map(8 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) = 1;
	map(9 * MIB, PROT_READ, MAP_PRIVATE, fd, MIB);
	map(10 * MIB, PROT_READ, MAP_PRIVATE, fd, 0);
	memset(map(11 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0), 1, 4096);
	map(12 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE, memory, 0);
	map(4096, PROT_READ, MAP_PRIVATE, elf, 0);
	map(8192, PROT_READ, MAP_SHARED, elf, 0);
}

static void map_system_v(void)
{
	int id = shmget(IPC_PRIVATE, 13 * MIB, 0600);
	char *p = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

	require(p != (void *)-1, "shmat");
	shmctl(id, IPC_RMID, NULL);
	*p = 1;
}

static void map_huge(void)
{
	*anonymous(4 * MIB, MAP_PRIVATE | MAP_HUGETLB) = 1;
	*anonymous(2 * MIB, MAP_SHARED | MAP_HUGETLB) = 1;
}

int main(int argc, char **argv)
{
	require(argc >= 3, "usage: dumps FILE LIBRARY [huge]");
	map_anonymous();
	map_not_dumped();
	map_files(argv[1], argv[2]);
	map_system_v();
	if (argc > 3)
		map_huge();
	ready();
	wait_for_end();
	abort();
}
