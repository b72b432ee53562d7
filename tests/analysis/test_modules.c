/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/modules.h"
#include "space.h"

static const struct file library = {
	.path = "/lib/l.so",
	.segments = {
		{ 0x0000, 0x0000, 0x0628, 0x0628, R__ },
		{ 0x1000, 0x1000, 0x01d1, 0x01d1, R_X },
		{ 0x3000, 0x2000, 0x0260, 0x2268, RW_ },
	},
};

static const struct file code_first = {
	.path = "/lib/l.so",
	.segments = {
		{ 0x0000, 0x0000, 0x1628, 0x1628, R_X },
		{ 0x2000, 0x2000, 0x01d1, 0x01d1, R__ },
	},
};

static const struct file all_code = {
	.path = "/lib/l.so",
	.segments = {
		{ 0x0000, 0x0000, 0x1628, 0x1628, R_X },
		{ 0x2000, 0x2000, 0x01d1, 0x01d1, R_X },
	},
};

static void find(struct space *space, const struct file *file, const char *maps)
{
	space_map(space, maps);
	space_add_file(space, file);
	find_modules(&space->facts, &space->judgement);
}

Test(modules, one_bias_for_all_segments)
{
	struct space space;

	find(&space, &library,
	     "10000-11000 r--p 00000000 fe:00 7 /lib/l.so\n"
	     "11000-12000 r-xp 00001000 fe:00 7 /lib/l.so\n"
	     "13000-14000 rw-p 00002000 fe:00 7 /lib/l.so\n"
	     "14000-16000 rw-p 00000000 00:00 0\n");
	cr_assert_eq(space.judgement.n_modules, 1);
	cr_assert_eq(space.judgement.modules[0].bias, 0x10000);
	cr_assert_eq(space.judgement.modules[0].start, 0x10000);
	cr_assert_eq(space.judgement.modules[0].end, 0x16000);
	space_done(&space);
}

Test(modules, an_image_may_be_linked_where_it_lies)
{
	static const struct file fixed = {
		.path = "/bin/p",
		.segments = {
			{ 0x400000, 0x0000, 0x0628, 0x0628, R__ },
			{ 0x401000, 0x1000, 0x01d1, 0x01d1, R_X },
		},
	};
	struct space space;

	find(&space, &fixed,
	     "400000-401000 r--p 00000000 fe:00 7 /bin/p\n"
	     "401000-402000 r-xp 00001000 fe:00 7 /bin/p\n");
	cr_assert_eq(space.judgement.n_modules, 1);
	cr_assert_eq(space.judgement.modules[0].bias, 0);
	space_done(&space);
}

/* Code may have been copied to anonymous memory, together with the file's first page. */
Test(modules, a_later_segment_gives_it_away)
{
	struct space space;

	find(&space, &code_first,
	     "10000-12000 r-xp 00000000 00:00 0\n"
	     "12000-13000 r--p 00002000 fe:00 7 /lib/l.so\n");
	cr_assert_eq(space.judgement.n_modules, 1);
	cr_assert_eq(space.judgement.modules[0].bias, 0x10000);
	space_done(&space);
	/* The later segment is in one mapping with the rest of the code. */
	find(&space, &code_first,
	     "10000-11000 r-xp 00000000 00:00 0\n"
	     "11000-13000 r-xp 00001000 fe:00 7 /lib/l.so\n");
	cr_assert_eq(space.judgement.n_modules, 1);
	cr_assert_eq(space.judgement.modules[0].bias, 0x10000);
	space_done(&space);
	find(&space, &all_code,
	     "10000-11000 r-xp 00000000 00:00 0\n"
	     "11000-13000 r-xp 00001000 fe:00 7 /lib/l.so\n");
	cr_assert_eq(space.judgement.n_modules, 1);
	cr_assert_eq(space.judgement.modules[0].bias, 0x10000);
	space_done(&space);
}

/* As the kernel's vsyscall page once did; the bias is modulo 2^64. */
Test(modules, an_image_may_lie_below_where_it_was_linked)
{
	static const struct file high = {
		.path = "/bin/p",
		.segments = { { 0x400000, 0x0000, 0x0628, 0x0628, R_X } },
	};
	struct space space;

	find(&space, &high, "10000-11000 r-xp 00000000 fe:00 7 /bin/p\n");
	cr_assert_eq(space.judgement.n_modules, 1);
	cr_assert_eq(space.judgement.modules[0].bias + 0x400000, 0x10000);
	space_done(&space);
}

static void expect_one_at(struct space *space, uint64_t bias, bool is_partial)
{
	cr_assert_eq(space->judgement.n_modules, 1);
	cr_expect_eq(space->judgement.modules[0].bias, bias);
	cr_expect_eq(space->judgement.modules[0].is_partial, is_partial);
	space_done(space);
}

Test(modules, text_may_be_from_elsewhere)
{
	struct space space;

	find(&space, &library,
	     "10000-11000 r--p 00000000 fe:00 7 /lib/l.so\n"
	     "11000-12000 r-xp 00003000 fe:00 7 /lib/l.so\n"
	     "13000-14000 rw-p 00002000 fe:00 7 /lib/l.so\n");
	expect_one_at(&space, 0x10000, true);
	find(&space, &library,
	     "10000-11000 r--p 00000000 fe:00 7 /lib/l.so\n"
	     "13000-14000 rw-p 00002000 fe:00 7 /lib/l.so\n");
	expect_one_at(&space, 0x10000, true);
	/* Two subvolumes of btrfs: same device, same inode, different files. */
	find(&space, &library,
	     "10000-11000 r--p 00000000 00:27 257 /lib/l.so\n"
	     "11000-12000 r-xp 00001000 00:27 257 /snapshot/l.so\n"
	     "13000-14000 rw-p 00002000 00:27 257 /lib/l.so\n");
	expect_one_at(&space, 0x10000, true);
}

/* Any mapping of a file has the ELF header in place, at its start. */
Test(modules, constants_alone_are_no_module)
{
	struct space space;

	find(&space, &library,
	     "10000-11000 r--p 00000000 fe:00 7 /lib/l.so\n"
	     "11000-12000 r-xp 00003000 fe:00 7 /lib/l.so\n"
	     "13000-14000 rw-p 00003000 fe:00 7 /lib/l.so\n");
	cr_assert_eq(space.judgement.n_modules, 0);
	space_done(&space);
}

Test(modules, code_alone_is_one_unless_there_is_more_of_its_file)
{
	struct space space;

	find(&space, &library, "91000-92000 r-xp 00001000 fe:00 7 /lib/l.so\n");
	expect_one_at(&space, 0x90000, true);
	find(&space, &library,
	     "11000-12000 r-xp 00001000 fe:00 7 /lib/l.so\n"
	     "20000-21000 r--p 00000000 fe:00 7 /lib/l.so\n"
	     "21000-22000 r-xp 00001000 fe:00 7 /lib/l.so\n"
	     "23000-24000 rw-p 00002000 fe:00 7 /lib/l.so\n");
	expect_one_at(&space, 0x20000, false);
	/* A mapping of the whole file goes on after the code. */
	find(&space, &library, "10000-14000 r-xp 00000000 fe:00 7 /lib/l.so\n");
	cr_assert_eq(space.judgement.n_modules, 0);
	space_done(&space);
}

/* Its segments have the same layout in memory as in the file. */
static const struct file undisplaced = {
	.path = "/lib/l.so",
	.segments = {
		{ 0x0000, 0x0000, 0x0628, 0x0628, R__ },
		{ 0x1000, 0x1000, 0x01d1, 0x01d1, R_X },
		{ 0x2000, 0x2000, 0x0104, 0x0104, R__ },
		{ 0x3000, 0x3000, 0x0260, 0x2268, RW_ },
	},
};

Test(modules, access_to_any_segment_may_have_changed)
{
	static const char *const maps[] = {
		"10000-13000 r--p 00000000 fe:00 7 /lib/l.so\n"
		"13000-14000 rw-p 00003000 fe:00 7 /lib/l.so\n",
		"10000-11000 r--p 00000000 fe:00 7 /lib/l.so\n"
		"11000-12000 r-xp 00001000 fe:00 7 /lib/l.so\n"
		"12000-14000 r--p 00002000 fe:00 7 /lib/l.so\n",
		"10000-11000 rw-p 00000000 fe:00 7 /lib/l.so\n"
		"11000-12000 rwxp 00001000 fe:00 7 /lib/l.so\n"
		"12000-13000 r--p 00002000 fe:00 7 /lib/l.so\n"
		"13000-14000 rwxp 00003000 fe:00 7 /lib/l.so\n",
		"10000-13000 r-xp 00000000 fe:00 7 /lib/l.so\n"
		"13000-14000 rwxp 00003000 fe:00 7 /lib/l.so\n",
		"10000-11000 ---p 00000000 fe:00 7 /lib/l.so\n"
		"11000-12000 r-xp 00001000 fe:00 7 /lib/l.so\n"
		"12000-14000 ---p 00002000 fe:00 7 /lib/l.so\n",
	};
	struct space space;

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		find(&space, &undisplaced, maps[i]);
		expect_one_at(&space, 0x10000, false);
	}
	/* A file mapped as data looks just like this. */
	find(&space, &undisplaced, "10000-14000 rw-p 00000000 fe:00 7 /lib/l.so\n");
	cr_assert_eq(space.judgement.n_modules, 0);
	space_done(&space);
}

Test(modules, segments_may_overlap)
{
	static const struct file file = {
		.path = "/lib/l.so",
		.segments = {
			{ 0x0000, 0x0000, 0x0158, 0x0158, R__ },
			{ 0x0000, 0x1000, 0x4000, 0x4000, R_X },
			{ 0x2000, 0x5000, 0x0100, 0x0100, RW_ },
		},
	};
	struct space space;

	find(&space, &file,
	     "10000-12000 r-xp 00001000 fe:00 7 /lib/l.so\n"
	     "12000-13000 rw-p 00005000 fe:00 7 /lib/l.so\n"
	     "13000-14000 r-xp 00004000 fe:00 7 /lib/l.so\n");
	cr_assert_eq(space.judgement.modules[0].end, 0x14000);
	expect_one_at(&space, 0x10000, true);
}

Test(modules, shared_mappings_are_data)
{
	struct space space;

	find(&space, &library,
	     "10000-11000 r--s 00000000 fe:00 7 /lib/l.so\n"
	     "11000-12000 r-xs 00001000 fe:00 7 /lib/l.so\n"
	     "13000-14000 rw-s 00002000 fe:00 7 /lib/l.so\n");
	cr_assert_eq(space.judgement.n_modules, 0);
	space_done(&space);
}

/* Text relocations and debuggers leave code writable, and a loader may make it unreadable. */
Test(modules, access_to_text_may_have_changed)
{
	struct space space;

	find(&space, &library,
	     "10000-11000 r--p 00000000 fe:00 7 /lib/l.so\n"
	     "11000-12000 --xp 00001000 fe:00 7 /lib/l.so\n"
	     "13000-14000 r--p 00002000 fe:00 7 /lib/l.so\n");
	cr_assert_eq(space.judgement.n_modules, 1);
	space_done(&space);
	find(&space, &library,
	     "10000-11000 r--p 00000000 fe:00 7 /lib/l.so\n"
	     "11000-12000 rwxp 00001000 fe:00 7 /lib/l.so\n"
	     "13000-14000 rw-p 00002000 fe:00 7 /lib/l.so\n");
	cr_assert_eq(space.judgement.n_modules, 1);
	space_done(&space);
}

/* A core file may claim so many mappings: its headers have room for millions. */
Test(modules, end_to_looking)
{
	static const struct file page = { .path = "/lib/p.so",
					  .segments = { { 0, 0, 0x1000, 0x1000, R_X } } };
	const size_t n = 10000;
	char *maps = malloc(n * 64), *end = maps;
	struct space space;

	for (size_t i = 0; i < n; i++)
		end += sprintf(end, "%zx-%zx r-xp 00000000 fe:00 7 /lib/p.so\n", 0x10000000 + i * 0x2000,
			       0x10001000 + i * 0x2000);
	find(&space, &page, maps);
	cr_assert_gt(space.judgement.n_modules, 1000);
	cr_assert_lt(space.judgement.n_modules, n);
	space_done(&space);
	free(maps);
}
