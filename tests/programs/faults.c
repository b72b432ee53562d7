/* SPDX-License-Identifier: MIT */
/* A program with the fault that its first argument names, or with none. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "load.h"
#include "program.h"

#define PAGE ((uintptr_t)4096)
#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static unsigned char *generated; /* what a code generator keeps track of */
static int variable;
static int *const relocated = &variable;

static void set_access(const volatile void *p, int access)
{
	require(mprotect((void *)((uintptr_t)p & -PAGE), PAGE, access) == 0, "mprotect");
}

static void *map(size_t size, int access, int flags, int fd)
{
	void *p = mmap(NULL, size, access, flags, fd, 0);

	require(p != MAP_FAILED, "mmap");
	return p;
}

/* ---- memory ---- */

/* No pointer to this page outlives the function. */
static void make_writable_code(void)
{
	*(unsigned char *)map(PAGE, RWX, ANON, -1) = 0xc3;
}

static void reserve_code(void)
{
	generated = map(PAGE, RWX, ANON, -1);
}

/* A variable points to the page, but a code generator would not make such contents. */
static void make_known_code(void)
{
	generated = map(PAGE, RWX, ANON, -1);
	*generated = 0xc3;
}

__attribute__((used)) static int function(int i);

/* Looks like a call of the program: the address is where an instruction may have it. */
static void generate(unsigned char *p)
{
	uintptr_t called = (uintptr_t)function;

	memcpy(p + 3, &called, sizeof(called));
}

static void generate_code(void)
{
	generated = map(16 * PAGE, RWX, ANON, -1);
	generate(generated);
}

/* Nothing but a register points to it. */
static void generate_secretly(void)
{
	generate(map(PAGE, RWX, ANON, -1));
}

static int make_file(void)
{
	int fd = memfd_create("twice", MFD_CLOEXEC);

	require(fd >= 0 && ftruncate(fd, (off_t)PAGE) == 0, "memfd");
	return fd;
}

/* As a program does if its memory may not be both writable and executable. */
static void map_twice(void)
{
	int fd = make_file();

	*(unsigned char *)map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd) = 0xc3;
	map(PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd);
}

static void generate_twice(void)
{
	int fd = make_file();

	generate(map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd));
	generated = map(PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd);
}

static int write_file(void)
{
	int fd = make_file();

	require(pwrite(fd, "\xc3", 1, PAGE / 2) == 1, "pwrite");
	return fd;
}

/* The file was not written through a mapping, and no mapping has touched its page. */
static void write_twice(void)
{
	int fd = write_file();

	map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	map(PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd);
}

/* Two mappings of a file with nothing in it. */
static void reserve_twice(void)
{
	int fd = make_file();

	map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	map(PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd);
}

/* Like write_twice(), with one mapping that is both writable and executable. */
static void write_once(void)
{
	map(PAGE, RWX, MAP_SHARED, write_file());
}

/* The second page of the file is mapped executable, and the whole file writable. */
static void map_part_twice(void)
{
	int fd = make_file();
	unsigned char *whole;

	require(ftruncate(fd, (off_t)(2 * PAGE)) == 0, "memfd");
	whole = map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	whole[PAGE] = 0xc3;
	require(mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, (off_t)PAGE) != MAP_FAILED, "mmap");
}

static void load_memfd(void)
{
	map(PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, write_file());
}

/* As .NET does: the mapping that wrote the code is gone when the code runs. */
static void generate_in_memfd(void)
{
	int fd = make_file();
	unsigned char *p = map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);

	generate(p);
	require(munmap(p, PAGE) == 0, "munmap");
	generated = map(PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd);
	require(*generated == 0, "generated");
}

/* Code that was made read-only before it is run: no fault. */
static void generate_well(void)
{
	generated = map(PAGE, PROT_READ | PROT_WRITE, ANON, -1);
	*generated = 0xc3;
	set_access(generated, PROT_READ | PROT_EXEC);
}

static void open_stack(void)
{
	char local = 0;

	set_access(&local, RWX);
}

static void open_heap(void)
{
	char *p = malloc(2 * PAGE);

	require(p != NULL, "malloc");
	set_access(p + PAGE, RWX);
}

static void open_relro(void)
{
	set_access(&relocated, PROT_READ | PROT_WRITE);
}

static void run_relro(void)
{
	set_access(&relocated, PROT_READ | PROT_EXEC);
}

/* ---- code ---- */

/* It is never called. */
__attribute__((noinline, used)) static int function(int i)
{
	return i * 3 + *relocated;
}

static void patch(const void *bytes, size_t len)
{
	int fd = open("/proc/self/mem", O_RDWR);

	require(fd >= 0 && pwrite(fd, bytes, len, (off_t)(uintptr_t)function) == (ssize_t)len, "mem");
	close(fd);
}

static void patch_code(void)
{
	patch("\x90\x90\x90", 3);
}

static void patch_byte(void)
{
	patch("\x90", 1);
}

static void set_breakpoint(void)
{
	patch("\xcc", 1);
}

static void patch_nothing(void)
{
	unsigned char same[3];

	memcpy(same, (const void *)(uintptr_t)function, sizeof(same));
	patch(same, sizeof(same));
}

/* ---- threads ---- */

static pthread_barrier_t barrier;

static void *run(void *argument)
{
	pthread_barrier_wait(&barrier);
	return pause(), argument;
}

static void *run_deep(void *argument)
{
	volatile char used[250 << 10];

	used[0] = 1;
	pthread_barrier_wait(&barrier);
	return pause(), used[0] ? argument : NULL;
}

static void start_thread(size_t guard, void *(*function)(void *))
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setguardsize(&attributes, guard);
	pthread_attr_setstacksize(&attributes, 256 << 10);
	pthread_barrier_init(&barrier, NULL, 2);
	require(pthread_create(&thread, &attributes, function, NULL) == 0, "pthread_create");
	pthread_barrier_wait(&barrier);
}

static void start_well(void)
{
	start_thread(PAGE, run);
}

static void start_without_guard(void)
{
	start_thread(0, run);
}

static void start_deep(void)
{
	start_thread(PAGE, run_deep);
}

/* ---- the process ---- */

static void seal(void)
{
	require(syscall(462, map(PAGE, PROT_READ, ANON, -1), PAGE, 0) == 0, "mseal");
}

static void make_mappings(void)
{
	FILE *file = fopen("/proc/sys/vm/max_map_count", "r");
	size_t max;
	char *p;

	require(file && fscanf(file, "%zu", &max) == 1, "max_map_count");
	fclose(file);
	max = max / 100 * 95;
	p = map(max * PAGE, PROT_NONE, ANON, -1);
	for (size_t i = 0; i < max; i += 2)
		set_access(p + i * PAGE, PROT_READ);
}

static void nothing(void)
{
}

#ifdef TEXT_RELOCATION
__asm__(".text\n.quad main\n");
#endif

static const struct {
	const char *name;
	void (*make)(void);
} faults[] = {
	{ "none", nothing },
	{ "writable-code", make_writable_code },
	{ "empty-code", reserve_code },
	{ "known-code", make_known_code },
	{ "secret-code", generate_secretly },
	{ "jit", generate_code },
	{ "twice", map_twice },
	{ "jit-twice", generate_twice },
	{ "written-twice", write_twice },
	{ "empty-twice", reserve_twice },
	{ "written-once", write_once },
	{ "part-twice", map_part_twice },
	{ "memfd", load_memfd },
	{ "jit-memfd", generate_in_memfd },
	{ "jit-well", generate_well },
	{ "stack", open_stack },
	{ "heap", open_heap },
	{ "relro", open_relro },
	{ "executable-relro", run_relro },
	{ "text", patch_code },
	{ "text-byte", patch_byte },
	{ "breakpoint", set_breakpoint },
	{ "same-text", patch_nothing },
	{ "thread", start_well },
	{ "no-guard", start_without_guard },
	{ "deep", start_deep },
	{ "seal", seal },
	{ "mappings", make_mappings },
};

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "none";

	if (strchr(name, '/')) {
		load(name);
		name = "none";
	}
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		if (strcmp(faults[i].name, name) == 0)
			faults[i].make();
	ready();
	wait_for_end();
	return 0;
}
