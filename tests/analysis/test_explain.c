/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/explain.h"
#include "analysis/modules.h"
#include "space.h"

#define PID 40

static const struct file library = {
	.path = "/lib/l.so",
	.segments = {
		{ 0x0000, 0x0000, 0x1628, 0x1628, R__ },
		{ 0x3000, 0x3000, 0x01d1, 0x01d1, R_X },
	},
};

/* A library with a page of padding after its first segment, a heap of an arena with room, reserved memory. */
static void make(struct space *space)
{
	space_map(space, "10000-13000 r--p 00000000 fe:00 7 /lib/l.so\n"
			 "13000-14000 r-xp 00003000 fe:00 7 /lib/l.so\n"
			 "20000-21000 rw-p 00000000 00:00 0\n"
			 "21000-30000 ---p 00000000 00:00 0\n"
			 "40000-50000 ---p 00000000 00:00 0\n");
	space->facts.process.pid = PID;
	space_add_file(space, &library);
	find_modules(&space->facts, &space->judgement);
}

static void expect(const struct region *region, const char *sentence)
{
	_cleanup_free_ char *text = NULL;
	struct space space;

	make(&space);
	cr_assert_eq(space.judgement.n_modules, 1);
	text = explain(&space, region);
	cr_assert(strcmp(text, sentence) == 0, "expected\n%s\nand not\n%s", sentence, text);
	space_done(&space);
}

static struct region of_library(uint64_t start, uint64_t end, uint64_t padding)
{
	return (struct region){ .start = start,
				.end = end,
				.mapping = 0,
				.kind = KIND_RODATA,
				.basis = BASIS_SEGMENT,
				.module = 0,
				.tid = NO_TID,
				.padding = padding };
}

Test(explain, padding)
{
	struct region region = of_library(0x10000, 0x12000, 0);

	expect(&region, "Read-only data of l.so, one copy in memory for all processes that use it "
			"(known from its program headers).");
	region.padding = 0x9d8;
	expect(&region, "Read-only data of l.so, one copy in memory for all processes that use it; "
			"2520 bytes of it only fill up whole pages (known from its program headers).");
	region = of_library(0x12000, 0x13000, 0x1000);
	expect(&region,
	       "Read-only data of l.so, one copy in memory for all processes that use it; all of it only "
	       "fills a gap between two segments (known from its program headers).");
}

static struct region without_module(uint32_t mapping, enum kind kind, enum basis basis, int32_t tid)
{
	return (struct region){ .start = 0x20000,
				.end = 0x21000,
				.mapping = mapping,
				.kind = (uint8_t)kind,
				.basis = (uint8_t)basis,
				.module = NO_MODULE,
				.tid = tid };
}

Test(explain, whose_an_arena_is)
{
	struct region region = without_module(2, KIND_HEAP, BASIS_THREAD, NO_TID);

	expect(&region, "Heap of a malloc arena, which keeps threads from waiting for each other "
			"(known from the C library's records of its threads and arenas).");
	region.tid = 41;
	expect(&region,
	       "Heap of a malloc arena, which keeps threads from waiting for each other; used by thread 41 "
	       "(known from the C library's records of its threads and arenas).");
	region.tid = PID;
	expect(&region,
	       "Heap of a malloc arena, which keeps threads from waiting for each other; used by the main "
	       "thread (known from the C library's records of its threads and arenas).");
}

Test(explain, memory_without_access)
{
	struct region region = without_module(4, KIND_RESERVED, BASIS_PERMS, NO_TID);

	expect(&region, "Address space set aside without access: pages never touched take no memory "
			"(known only from its access rights).");
	region = without_module(3, KIND_RESERVED, BASIS_PATTERN, NO_TID);
	expect(&region, "Room that a malloc arena has left to grow into; it takes no memory yet "
			"(inferred from its shape and its neighbours).");
	region = without_module(3, KIND_RESERVED, BASIS_THREAD, 41);
	expect(&region,
	       "Room that a malloc arena has left to grow into; it takes no memory yet; the arena is used by "
	       "thread 41 (known from the C library's records of its threads and arenas).");
}

/* Expects this sentence for a mapping with these access rights and this name. */
static void expect_access(const char *perms, const char *name, enum kind kind, const char *sentence)
{
	struct region region = without_module(0, kind, BASIS_PERMS, NO_TID);
	_cleanup_free_ char *maps = mem_format("20000-21000 %s 00000000 fe:00 9 %s\n", perms, name);
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ char *whole = mem_format("%s (known only from its access rights).", sentence);
	struct space space;

	space_map(&space, maps);
	text = explain(&space, &region);
	cr_assert(strcmp(text, whole) == 0, "expected\n%s\nand not\n%s", whole, text);
	space_done(&space);
}

Test(explain, a_file_by_what_may_be_done_with_it)
{
	const char *file = "/etc/services";

	expect_access("r--p", file, KIND_FILE, "Contents of services, mapped as data; read only");
	expect_access("r--s", file, KIND_FILE, "Contents of services, mapped as data; read only, but shared");
	expect_access("rw-s", file, KIND_FILE,
		      "Contents of services, mapped as data; what is written reaches the file");
	expect_access("---p", file, KIND_FILE,
		      "Contents of services, mapped; all access to it has been removed");
	expect_access("---s", file, KIND_FILE,
		      "Contents of services, mapped; all access to it has been removed");
	expect_access("r-xp", file, KIND_FILE,
		      "Contents of services, mapped executable, but not as part of an ELF module; read only");
	expect_access(
		"--xp", file, KIND_FILE,
		"Contents of services, mapped executable, but not as part of an ELF module; it may not be read");
	expect_access("rwxp", file, KIND_FILE,
		      "Contents of services, mapped executable, but not as part of an ELF module; "
		      "what is written stays with this process");
}

Test(explain, shared_memory_by_what_may_be_done_with_it)
{
	const char *file = "/dev/shm/x";

	expect_access("rw-s", file, KIND_SHM,
		      "Shared memory: other processes may map it too; this one may write to it");
	expect_access("r--s", file, KIND_SHM,
		      "Shared memory: other processes may map it too; this one may only read it");
	expect_access("---s", file, KIND_SHM,
		      "Shared memory: other processes may map it too; all access to it has been removed");
	expect_access("---p", file, KIND_SHM,
		      "Shared memory, of which this is a private copy; all access to it has been removed");
	expect_access("r--p", file, KIND_SHM,
		      "Shared memory, of which this is a private copy, which may only be read");
	expect_access(
		"rw-p", file, KIND_SHM,
		"Shared memory, of which this is a private copy: what is written stays with this process");
}
