/* SPDX-License-Identifier: MIT */
/*
 * How loaders, linkers and kernels lay out one small program, and how memmap must classify each
 * layout. Addresses are short to be readable.
 */
#include <criterion/criterion.h>

#include "space.h"

/* Headers and constants, text, constants, data with RELRO before it and .bss after it. */
static const struct file program = {
	.path = "/bin/p",
	.segments = {
		{ 0x0000, 0x0000, 0x0628, 0x0628, R__ },
		{ 0x1000, 0x1000, 0x01d1, 0x01d1, R_X },
		{ 0x2000, 0x2000, 0x0104, 0x0104, R__ },
		{ 0x3dd8, 0x2dd8, 0x0260, 0x2268, RW_ },
	},
	.relro_start = 0x3dd8,
	.relro_end = 0x4000,
};

#define PROGRAM_TEXT                                 \
	"10000-11000 r--p 00000000 fe:00 7 /bin/p\n" \
	"11000-12000 r-xp 00001000 fe:00 7 /bin/p\n" \
	"12000-13000 r--p 00002000 fe:00 7 /bin/p\n"
#define PROGRAM_DATA                                 \
	"13000-14000 r--p 00002000 fe:00 7 /bin/p\n" \
	"14000-15000 rw-p 00003000 fe:00 7 /bin/p\n"

#define TEXT_REGIONS                           \
	"10000-11000 rodata segment #0 +9d8\n" \
	"11000-12000 text segment #0 +e2f\n"   \
	"12000-13000 rodata segment #0 +efc\n"
#define DATA_REGIONS                          \
	"13000-14000 relro segment #0 +dd8\n" \
	"14000-14038 data segment #0\n"       \
	"14038-15000 bss segment #0\n"

static void expect(const struct file *file, const char *maps, const char *regions)
{
	struct space space;

	space_map(&space, maps);
	if (file)
		space_add_file(&space, file);
	space_classify(&space);
	space_expect(&space, regions);
	space_done(&space);
}

static void expect_with_brk(const char *maps, uint64_t start_brk, const char *regions)
{
	struct space space;

	space_map(&space, maps);
	space.facts.process.start_brk = start_brk;
	space_add_file(&space, &program);
	space_classify(&space);
	space_expect(&space, regions);
	space_done(&space);
}

Test(classify, bss_begins_inside_a_page_and_goes_on_in_anonymous_memory)
{
	expect(&program, PROGRAM_TEXT PROGRAM_DATA "15000-17000 rw-p 00000000 00:00 0\n",
	       TEXT_REGIONS DATA_REGIONS "15000-17000 bss segment #0 +fc0\n");
}

Test(classify, what_has_merged_with_bss_is_cut_off_where_its_pages_end)
{
	expect(&program, PROGRAM_TEXT PROGRAM_DATA "15000-1a000 rw-p 00000000 00:00 0\n",
	       TEXT_REGIONS DATA_REGIONS "15000-17000 bss segment #0 +fc0\n"
					 "17000-1a000 anon perms\n");
}

Test(classify, sizes_of_a_module_are_those_of_its_headers)
{
	struct space space;

	space_map(&space, PROGRAM_TEXT PROGRAM_DATA "15000-1a000 rw-p 00000000 00:00 0\n");
	space_add_file(&space, &program);
	space_classify(&space);
	cr_assert_eq(space.judgement.n_modules, 1);
	cr_assert_eq(space.judgement.modules[0].sizes[KIND_TEXT], 0x1d1);
	cr_assert_eq(space.judgement.modules[0].sizes[KIND_RODATA], 0x628 + 0x104);
	cr_assert_eq(space.judgement.modules[0].sizes[KIND_RELRO], 0x4000 - 0x3dd8);
	cr_assert_eq(space.judgement.modules[0].sizes[KIND_DATA], 0x260 - (0x4000 - 0x3dd8));
	cr_assert_eq(space.judgement.modules[0].sizes[KIND_BSS], 0x2268 - 0x260);
	space_done(&space);
}

Test(classify, all_of_bss_may_lie_in_the_last_page_of_the_file)
{
	struct file small = program;

	small.segments[3].memsz = 0x268;
	expect(&small, PROGRAM_TEXT PROGRAM_DATA,
	       TEXT_REGIONS "13000-14000 relro segment #0 +dd8\n"
			    "14000-14038 data segment #0\n"
			    "14038-15000 bss segment #0 +fc0\n");
}

Test(classify, relro_ends_at_the_page_that_it_does_not_fill)
{
	struct file odd = program;

	odd.relro_end = 0x4020;
	expect(&odd, PROGRAM_TEXT PROGRAM_DATA "15000-17000 rw-p 00000000 00:00 0\n",
	       TEXT_REGIONS DATA_REGIONS "15000-17000 bss segment #0 +fc0\n");
}

Test(classify, relro_that_nobody_protected_is_data)
{
	expect(&program,
	       PROGRAM_TEXT "13000-15000 rw-p 00002000 fe:00 7 /bin/p\n"
			    "15000-17000 rw-p 00000000 00:00 0\n",
	       TEXT_REGIONS "13000-14038 data segment #0 +dd8\n"
			    "14038-15000 bss segment #0\n"
			    "15000-17000 bss segment #0 +fc0\n");
}

Test(classify, mold_fills_up_relro_with_what_is_no_bss)
{
	static const struct file mold = {
		.path = "/bin/p",
		.segments = {
			{ 0x0000, 0x0000, 0x0628, 0x0628, R__ },
			{ 0x1000, 0x1000, 0x01d1, 0x01d1, R_X },
			{ 0x3454, 0x2454, 0x14ec, 0x1bac, RW_ },
			{ 0x5940, 0x3940, 0x0040, 0x0100, RW_ },
		},
		.relro_start = 0x3454,
		.relro_end = 0x5000,
	};

	expect(&mold,
	       "10000-11000 r--p 00000000 fe:00 7 /bin/p\n"
	       "11000-12000 r-xp 00001000 fe:00 7 /bin/p\n"
	       "13000-15000 r--p 00002000 fe:00 7 /bin/p\n"
	       "15000-16000 rw-p 00003000 fe:00 7 /bin/p\n",
	       "10000-11000 rodata segment #0 +9d8\n"
	       "11000-12000 text segment #0 +e2f\n"
	       "13000-15000 relro segment #0 +b14\n"
	       "15000-15980 data segment #0 +940\n"
	       "15980-16000 bss segment #0 +5c0\n");
}

Test(classify, lld_has_relro_end_behind_its_segment)
{
	static const struct file lld = {
		.path = "/bin/p",
		.segments = {
			{ 0x0000, 0x0000, 0x0628, 0x0628, R__ },
			{ 0x1628, 0x0628, 0x01d1, 0x01d1, R_X },
			{ 0x2800, 0x0800, 0x0100, 0x0100, RW_ },
			{ 0x3900, 0x0900, 0x0040, 0x0100, RW_ },
		},
		.relro_start = 0x2800,
		.relro_end = 0x3000,
	};

	/* All four map the same page of the file. */
	expect(&lld,
	       "10000-11000 r--p 00000000 fe:00 7 /bin/p\n"
	       "11000-12000 r-xp 00000000 fe:00 7 /bin/p\n"
	       "12000-13000 r--p 00000000 fe:00 7 /bin/p\n"
	       "13000-14000 rw-p 00000000 fe:00 7 /bin/p\n",
	       "10000-11000 rodata segment #0 +9d8\n"
	       "11000-12000 text segment #0 +e2f\n"
	       "12000-13000 relro segment #0 +f00\n"
	       "13000-13940 data segment #0 +900\n"
	       "13940-14000 bss segment #0 +600\n");
}

Test(classify, a_segment_with_nothing_in_the_file_is_all_bss)
{
	static const struct file file = {
		.path = "/bin/p",
		.segments = {
			{ 0x0000, 0x0000, 0x0628, 0x0628, R_X },
			{ 0x2000, 0x0000, 0x0000, 0x1800, RW_ },
		},
	};

	expect(&file,
	       "10000-11000 r-xp 00000000 fe:00 7 /bin/p\n"
	       "12000-14000 rw-p 00000000 00:00 0\n",
	       "10000-11000 text segment #0 +9d8\n"
	       "12000-14000 bss segment #0 +800\n");
}

/* Segments 64K apart. */
static const struct file far_apart = {
	.path = "/lib/l.so",
	.segments = {
		{ 0x00000, 0x00000, 0x0628, 0x0628, R__ },
		{ 0x10000, 0x10000, 0x01d1, 0x01d1, R_X },
		{ 0x20000, 0x20000, 0x0104, 0x0104, R__ },
		{ 0x30000, 0x30000, 0x0040, 0x0040, RW_ },
	},
};

Test(classify, holes_of_glibc_are_inaccessible_pages_of_the_file)
{
	expect(&far_apart,
	       "100000-101000 r--p 00000000 fe:00 8 /lib/l.so\n"
	       "101000-110000 ---p 00001000 fe:00 8 /lib/l.so\n"
	       "110000-111000 r-xp 00010000 fe:00 8 /lib/l.so\n"
	       "111000-120000 ---p 00011000 fe:00 8 /lib/l.so\n"
	       "120000-121000 r--p 00020000 fe:00 8 /lib/l.so\n"
	       "121000-130000 ---p 00021000 fe:00 8 /lib/l.so\n"
	       "130000-131000 rw-p 00030000 fe:00 8 /lib/l.so\n",
	       "100000-101000 rodata segment #0 +9d8\n"
	       "101000-110000 guard segment #0 +f000\n"
	       "110000-111000 text segment #0 +e2f\n"
	       "111000-120000 guard segment #0 +f000\n"
	       "120000-121000 rodata segment #0 +efc\n"
	       "121000-130000 guard segment #0 +f000\n"
	       "130000-131000 data segment #0 +fc0\n");
}

Test(classify, holes_of_musl_merge_with_constants)
{
	expect(&far_apart,
	       "100000-110000 r--p 00000000 fe:00 8 /lib/l.so\n"
	       "110000-111000 r-xp 00010000 fe:00 8 /lib/l.so\n"
	       "111000-130000 r--p 00011000 fe:00 8 /lib/l.so\n"
	       "130000-131000 rw-p 00030000 fe:00 8 /lib/l.so\n",
	       "100000-110000 rodata segment #0 +f9d8\n"
	       "110000-111000 text segment #0 +e2f\n"
	       "111000-130000 rodata segment #0 +1eefc\n"
	       "130000-131000 data segment #0 +fc0\n");
}

Test(classify, two_copies_of_a_library_are_two_modules)
{
	expect(&program,
	       PROGRAM_TEXT PROGRAM_DATA "15000-17000 rw-p 00000000 00:00 0\n"
					 "17000-18000 r--p 00000000 fe:00 7 /bin/p\n"
					 "18000-19000 r-xp 00001000 fe:00 7 /bin/p\n"
					 "19000-1a000 r--p 00002000 fe:00 7 /bin/p\n"
					 "1a000-1b000 r--p 00002000 fe:00 7 /bin/p\n"
					 "1b000-1c000 rw-p 00003000 fe:00 7 /bin/p\n"
					 "1c000-1e000 rw-p 00000000 00:00 0\n",
	       TEXT_REGIONS DATA_REGIONS "15000-17000 bss segment #0 +fc0\n"
					 "17000-18000 rodata segment #1 +9d8\n"
					 "18000-19000 text segment #1 +e2f\n"
					 "19000-1a000 rodata segment #1 +efc\n"
					 "1a000-1b000 relro segment #1 +dd8\n"
					 "1b000-1b038 data segment #1\n"
					 "1b038-1c000 bss segment #1\n"
					 "1c000-1e000 bss segment #1 +fc0\n");
}

/* An executable mapping is text, even if no loader made it. */
Test(classify, an_elf_file_mapped_as_data_is_a_file)
{
	expect(&program,
	       "20000-24000 r--p 00000000 fe:00 7 /bin/p\n"
	       "30000-34000 r-xp 00000000 fe:00 7 /bin/p\n"
	       "40000-44000 rw-p 00000000 fe:00 7 /bin/p\n"
	       "50000-54000 r--s 00000000 fe:00 7 /bin/p\n",
	       "20000-24000 file perms\n"
	       "30000-34000 text perms\n"
	       "40000-44000 file perms\n"
	       "50000-54000 file perms\n");
}

Test(classify, v8_maps_a_piece_of_its_program_a_second_time)
{
	expect(&program,
	       PROGRAM_TEXT PROGRAM_DATA "15000-17000 rw-p 00000000 00:00 0\n"
					 "90000-91000 r-xp 00001000 fe:00 7 /bin/p\n",
	       TEXT_REGIONS DATA_REGIONS "15000-17000 bss segment #0 +fc0\n"
					 "90000-91000 text segment\n");
}

Test(classify, text_copied_to_anonymous_memory_is_text)
{
	struct file big = program;

	big.segments[1] = (struct segment){ 0x1000, 0x1000, 0x2fd0, 0x2fd0, R_X };
	big.segments[2] = (struct segment){ 0x4000, 0x4000, 0x0104, 0x0104, R__ };
	big.segments[3] = (struct segment){ 0x5000, 0x5000, 0x0040, 0x0040, RW_ };
	big.relro_start = big.relro_end = 0;
	expect(&big,
	       "10000-11000 r--p 00000000 fe:00 7 /bin/p\n"
	       "11000-12000 r-xp 00001000 fe:00 7 /bin/p\n"
	       "12000-13000 r-xp 00000000 00:00 0\n"
	       "13000-14000 r-xp 00003000 fe:00 7 /bin/p\n"
	       "14000-15000 r--p 00004000 fe:00 7 /bin/p\n"
	       "15000-16000 rw-p 00005000 fe:00 7 /bin/p\n",
	       "10000-11000 rodata segment #0 +9d8\n"
	       "11000-12000 text segment #0\n"
	       "12000-13000 text segment #0\n"
	       "13000-14000 text segment #0 +30\n"
	       "14000-15000 rodata segment #0 +efc\n"
	       "15000-16000 data segment #0 +fc0\n");
}

/* gold, -z noseparate-code: headers, constants and code in one segment. */
static const struct file one_segment = {
	.path = "/bin/p",
	.segments = {
		{ 0x0000, 0x0000, 0x1800, 0x1800, R_X },
		{ 0x2800, 0x1800, 0x0040, 0x0040, RW_ },
	},
	.sections = {
		{ 0x0200, 0x0400, R__ }, /* .dynsym */
		{ 0x0410, 0x1210, R_X }, /* .text */
		{ 0x1220, 0x1800, R__ }, /* .rodata */
	},
};

#define ONE_SEGMENT_MAPS                             \
	"10000-12000 r-xp 00000000 fe:00 7 /bin/p\n" \
	"12000-13000 rw-p 00001000 fe:00 7 /bin/p\n"

Test(classify, sections_divide_a_segment_with_constants_and_code)
{
	expect(&one_segment, ONE_SEGMENT_MAPS,
	       "10000-10410 rodata section #0\n"
	       "10410-11220 text section #0\n"
	       "11220-12000 rodata section #0 +800\n"
	       "12000-13000 data segment #0 +fc0\n");
}

Test(classify, without_sections_such_a_segment_is_text)
{
	struct file stripped = one_segment;

	stripped.sections[0].perms = 0;
	expect(&stripped, ONE_SEGMENT_MAPS,
	       "10000-12000 text segment #0 +800\n"
	       "12000-13000 data segment #0 +fc0\n");
}

Test(classify, what_another_file_replaced_is_no_part_of_the_module)
{
	expect(&program,
	       "10000-11000 r--p 00000000 fe:00 7 /bin/p\n"
	       "11000-12000 r-xp 00001000 fe:00 7 /bin/p\n"
	       "12000-13000 r--p 00002000 fe:00 7 /bin/p\n"
	       "13000-14000 r--p 00002000 fe:00 7 /bin/p\n"
	       "14000-15000 rw-p 00003000 fe:00 7 /bin/p\n"
	       "15000-17000 r--s 00000000 fe:00 9 /etc/other\n",
	       TEXT_REGIONS DATA_REGIONS "15000-17000 file perms\n");
}

Test(classify, a_module_goes_on_around_what_replaces_a_part_of_it)
{
	/* RELRO that processes share; code from another place in the file; no .bss without its data. */
	expect(&program,
	       PROGRAM_TEXT "13000-14000 r--p 00000000 fe:00 9 /tmp/shared.relro\n"
			    "14000-15000 rw-p 00003000 fe:00 7 /bin/p\n"
			    "15000-17000 rw-p 00000000 00:00 0\n",
	       TEXT_REGIONS "13000-14000 file perms\n"
			    "14000-14038 data segment #0\n"
			    "14038-15000 bss segment #0\n"
			    "15000-17000 bss segment #0 +fc0\n");
	expect(&program,
	       "10000-11000 r--p 00000000 fe:00 7 /bin/p\n"
	       "11000-12000 r-xp 00003000 fe:00 7 /bin/p\n"
	       "12000-13000 r--p 00002000 fe:00 7 /bin/p\n" PROGRAM_DATA
	       "15000-17000 rw-p 00000000 00:00 0\n",
	       "10000-11000 rodata segment #0 +9d8\n"
	       "11000-12000 text segment\n"
	       "12000-13000 rodata segment #0 +efc\n" DATA_REGIONS "15000-17000 bss segment #0 +fc0\n");
	expect(&program,
	       PROGRAM_TEXT "13000-15000 r--s 00000000 fe:00 9 /etc/other\n"
			    "15000-17000 rw-p 00000000 00:00 0\n",
	       TEXT_REGIONS "13000-15000 file perms\n"
			    "15000-17000 anon perms\n");
}

/* Anonymous memory in place of data may be a copy of the data, but no header says so. */
Test(classify, anonymous_memory_in_the_place_of_data)
{
	expect(&program, PROGRAM_TEXT "13000-17000 rw-p 00000000 00:00 0\n",
	       TEXT_REGIONS "13000-14038 data pattern #0 +dd8\n"
			    "14038-17000 bss segment #0 +fc0\n");
	expect(&program,
	       "10000-11000 r--p 00000000 fe:00 7 /bin/p\n"
	       "11000-12000 rw-p 00000000 00:00 0\n"
	       "12000-13000 ---p 00000000 00:00 0\n" PROGRAM_DATA "15000-17000 rw-p 00000000 00:00 0\n",
	       "10000-11000 rodata segment #0 +9d8\n"
	       "11000-12000 anon perms\n"
	       "12000-13000 reserved perms\n" DATA_REGIONS "15000-17000 bss segment #0 +fc0\n");
}

Test(classify, segments_that_overlap)
{
	static const struct file file = {
		.path = "/bin/p",
		.segments = {
			{ 0x0000, 0x0000, 0x4000, 0x4000, R_X },
			{ 0x1000, 0x5000, 0x0100, 0x1100, RW_ },
		},
	};

	expect(&file,
	       "10000-11000 r-xp 00000000 fe:00 7 /bin/p\n"
	       "11000-12000 rw-p 00005000 fe:00 7 /bin/p\n"
	       "12000-13000 rw-p 00000000 00:00 0\n"
	       "13000-14000 r-xp 00003000 fe:00 7 /bin/p\n",
	       "10000-11000 text segment #0\n"
	       "11000-11100 data segment #0\n"
	       "11100-12000 bss segment #0\n"
	       "12000-13000 bss segment #0 +f00\n"
	       "13000-14000 text segment #0\n");
}

Test(classify, a_segment_without_access_is_set_aside)
{
	static const struct file file = {
		.path = "/bin/p",
		.segments = {
			{ 0x0000, 0x0000, 0x0628, 0x0628, R_X },
			{ 0x1000, 0x0000, 0x0000, 0x3000, RW_ },
			{ 0x4000, 0x1000, 0x0040, 0x0040, RW_ },
		},
	};
	struct space space;

	space_map(&space, "10000-11000 r-xp 00000000 fe:00 7 /bin/p\n"
			  "11000-14000 ---p 00000000 00:00 0\n"
			  "14000-15000 rw-p 00001000 fe:00 7 /bin/p\n");
	space_add_file(&space, &file);
	space_object(&space, "/bin/p")->image->segments[1].perms = 0;
	space_classify(&space);
	space_expect(&space, "10000-11000 text segment #0 +9d8\n"
			     "11000-14000 reserved segment #0\n"
			     "14000-15000 data segment #0 +fc0\n");
	space_done(&space);
}

Test(classify, whose_pages_without_access_lie_in_a_hole)
{
	/* The first are the loader's, which had reserved the whole range; the others are the program's. */
	expect(&far_apart,
	       "100000-101000 r--p 00000000 fe:00 8 /lib/l.so\n"
	       "101000-110000 ---p 00000000 00:00 0\n"
	       "110000-111000 r-xp 00010000 fe:00 8 /lib/l.so\n"
	       "113000-120000 ---p 00000000 00:00 0\n"
	       "120000-121000 r--p 00020000 fe:00 8 /lib/l.so\n"
	       "130000-131000 rw-p 00030000 fe:00 8 /lib/l.so\n",
	       "100000-101000 rodata segment #0 +9d8\n"
	       "101000-110000 guard segment #0 +f000\n"
	       "110000-111000 text segment #0 +e2f\n"
	       "113000-120000 reserved perms\n"
	       "120000-121000 rodata segment #0 +efc\n"
	       "130000-131000 data segment #0 +fc0\n");
}

/* lld puts copies of constants after the part of RELRO that is in the file. */
Test(classify, constants_may_be_copied_to_relro)
{
	struct file lld = {
		.path = "/bin/p",
		.segments = {
			{ 0x0000, 0x0000, 0x0628, 0x0628, R__ },
			{ 0x1628, 0x0628, 0x01d1, 0x01d1, R_X },
			{ 0x2800, 0x0800, 0x0100, 0x0800, RW_ },
			{ 0x3900, 0x0900, 0x0040, 0x0100, RW_ },
		},
		.relro_start = 0x2800,
		.relro_end = 0x3000,
		.sections = { { 0x2910, 0x2a00, RW_ } },
	};
	static const char maps[] = "10000-11000 r--p 00000000 fe:00 7 /bin/p\n"
				   "11000-12000 r-xp 00000000 fe:00 7 /bin/p\n"
				   "12000-13000 r--p 00000000 fe:00 7 /bin/p\n"
				   "13000-14000 rw-p 00000000 fe:00 7 /bin/p\n";
	static const char rest[] = "10000-11000 rodata segment #0 +9d8\n"
				   "11000-12000 text segment #0 +e2f\n"
				   "12000-13000 relro segment #0 +%x\n"
				   "13000-13940 data segment #0 +900\n"
				   "13940-14000 bss segment #0 +600\n";
	char expected[sizeof(rest) + 8];

	/* The bytes of the section count; those around it are padding. */
	snprintf(expected, sizeof(expected), rest, 0xe10);
	expect(&lld, maps, expected);
	/* Without sections, memory that ends with a page is taken for padding; */
	lld.sections[0].perms = 0;
	snprintf(expected, sizeof(expected), rest, 0xf00);
	expect(&lld, maps, expected);
	/* other memory is not. */
	lld.segments[2].memsz = 0x0700;
	snprintf(expected, sizeof(expected), rest, 0x900);
	expect(&lld, maps, expected);
}

Test(classify, a_section_may_go_beyond_the_zeroes_in_relro)
{
	static const struct file file = {
		.path = "/bin/p",
		.segments = {
			{ 0x0000, 0x0000, 0x0628, 0x0628, R__ },
			{ 0x1800, 0x0800, 0x0100, 0x0700, RW_ },
			{ 0x2800, 0x0800, 0x0100, 0x0800, R__ },
		},
		.relro_start = 0x1800,
		.relro_end = 0x2000,
		.sections = { { 0x1880, 0x2a00, R__ } },
	};

	/* The section belongs to a segment that overlaps this one. */
	expect(&file,
	       "10000-11000 r--p 00000000 fe:00 7 /bin/p\n"
	       "11000-12000 rw-p 00000000 00:00 0\n"
	       "12000-13000 r--p 00000000 fe:00 7 /bin/p\n",
	       "10000-11000 rodata segment #0 +9d8\n"
	       "11000-11900 data pattern #0 +800\n"
	       "11900-12000 bss segment #0 +100\n"
	       "12000-13000 rodata segment #0 +800\n");
}

Test(classify, an_unreadable_file_is_told_by_its_access_rights)
{
	struct space space;

	space_map(&space, PROGRAM_TEXT PROGRAM_DATA "15000-17000 rw-p 00000000 00:00 0\n");
	space_object(&space, "/bin/p")->headers = HEADERS_UNREADABLE;
	space_classify(&space);
	space_expect(&space, "10000-11000 rodata perms\n"
			     "11000-12000 text perms\n"
			     "12000-13000 rodata perms\n"
			     "13000-14000 rodata perms\n"
			     "14000-15000 data perms\n"
			     "15000-17000 anon perms\n");
	space_done(&space);
}

/* ---- the heap ---- */

Test(classify, the_heap_label_on_bss_is_wrong)
{
	expect_with_brk(PROGRAM_TEXT PROGRAM_DATA "15000-17000 rw-p 00000000 00:00 0 [heap]\n"
						  "17000-38000 rw-p 00000000 00:00 0 [heap]\n",
			0x17000,
			TEXT_REGIONS DATA_REGIONS "15000-17000 bss segment #0 +fc0\n"
						  "17000-38000 heap name\n");
}

Test(classify, a_heap_that_has_merged_with_bss_is_cut)
{
	expect_with_brk(PROGRAM_TEXT PROGRAM_DATA "15000-38000 rw-p 00000000 00:00 0 [heap]\n", 0x17000,
			TEXT_REGIONS DATA_REGIONS "15000-17000 bss segment #0 +fc0\n"
						  "17000-38000 heap name\n");
}

Test(classify, the_heap_begins_at_start_brk)
{
	expect_with_brk(PROGRAM_TEXT PROGRAM_DATA "20000-40000 rw-p 00000000 00:00 0 [heap]\n", 0x28000,
			TEXT_REGIONS DATA_REGIONS "20000-28000 anon perms\n"
						  "28000-40000 heap name\n");
}

Test(classify, musl_guards_its_heap)
{
	expect(NULL,
	       "2f000-30000 ---p 00000000 00:00 0 [heap]\n"
	       "30000-31000 rw-p 00000000 00:00 0 [heap]\n",
	       "2f000-30000 guard name\n"
	       "30000-31000 heap name\n");
}

/* ---- the stack ---- */

Test(classify, parts_of_the_stack_that_lost_their_label_are_stack)
{
	struct space space;

	space_map(&space, "70000-71000 rw-p 00000000 00:00 0\n"
			  "72000-73000 rw-p 00000000 00:00 0\n"
			  "73000-74000 ---p 00000000 00:00 0\n"
			  "74000-75000 rw-p 00000000 00:00 0\n"
			  "75000-76000 rwxp 00000000 00:00 0 [stack]\n"
			  "77000-78000 rw-p 00000000 00:00 0\n");
	space.facts.process.pid = 42;
	space_classify(&space);
	space_expect(&space, "70000-71000 anon perms\n"
			     "72000-73000 stack pattern\n"
			     "73000-74000 guard pattern\n"
			     "74000-75000 stack pattern\n"
			     "75000-76000 stack name\n"
			     "77000-78000 anon perms\n");
	cr_assert_eq(space.judgement.regions[0].tid, NO_TID);
	cr_assert_eq(space.judgement.regions[1].tid, 42);
	cr_assert_eq(space.judgement.regions[4].tid, 42);
	space_done(&space);
}

/* ---- memory without a module ---- */

Test(classify, anonymous_memory_by_its_access)
{
	expect(NULL,
	       "10000-11000 rw-p 00000000 00:00 0\n"
	       "12000-13000 r--p 00000000 00:00 0\n"
	       "14000-15000 ---p 00000000 00:00 0\n"
	       "16000-17000 rwxp 00000000 00:00 0\n"
	       "18000-19000 r-xp 00000000 00:00 0\n",
	       "10000-11000 anon perms\n"
	       "12000-13000 anon perms\n"
	       "14000-15000 reserved perms\n"
	       "16000-17000 jit perms\n"
	       "18000-19000 jit perms\n");
}

Test(classify, a_file_named_like_a_label_is_a_file)
{
	expect(NULL,
	       "10000-11000 rw-p 00000000 fe:00 9 /tmp/[heap]\n"
	       "12000-13000 rw-p 00000000 fe:00 9 /tmp/[stack]\n",
	       "10000-11000 file perms\n"
	       "12000-13000 file perms\n");
}

Test(classify, nothing_is_mapped)
{
	expect(NULL, "", "");
}
