/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#include "analysis/anon_use.h"
#include "analysis/modules.h"
#include "space.h"

static struct space space;
static struct facts *facts = &space.facts;

static void tear_down(void)
{
	space_done(&space);
}

TestSuite(anon_use, .fini = tear_down);

static void make(const char *maps, size_t word_size)
{
	space_map(&space, maps);
	facts->word_size = word_size;
	facts->knows_heaps = true;
}

static void add_block(uint64_t start, uint64_t end, uint64_t guard, int32_t tid)
{
	mem_grow(facts->blocks, facts->n_blocks, facts->cap_blocks);
	facts->blocks[facts->n_blocks++] = (struct stack_block){ start, end, guard, tid };
}

static void add_heap(uint64_t start, uint64_t end, int32_t tid)
{
	mem_grow(facts->heaps, facts->n_heaps, facts->cap_heaps);
	facts->heaps[facts->n_heaps++] =
		(struct arena_heap){ .start = start, .end = end, .arena = start + 0x30, .tid = tid };
}

/* Extents, one a line: "START-END KIND BASIS TID". */
static void expect(const char *anon_uses)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	find_modules(facts, &space.judgement);
	find_anon_uses(facts, &space.judgement);
	for (size_t i = 0; i < space.judgement.n_anon_uses; i++) {
		const struct anon_use *anon_use = &space.judgement.anon_uses[i];

		fprintf(file, "%" PRIx64 "-%" PRIx64 " %s %s %" PRIi32 "\n", anon_use->start, anon_use->end,
			kinds[anon_use->kind].name, basis_names[anon_use->basis], anon_use->tid);
	}
	fclose(file);
	cr_assert(strcmp(text, anon_uses) == 0, "expected\n%sand not\n%s", anon_uses, text);
}

#define TWO                                   \
	"10000-11000 ---p 00000000 00:00 0\n" \
	"11000-18000 rw-p 00000000 00:00 0\n" \
	"20000-21000 ---p 00000000 00:00 0\n" \
	"21000-28000 rw-p 00000000 00:00 0\n"
#define HEAP                                                \
	"7f0000000000-7f0000021000 rw-p 00000000 00:00 0\n" \
	"7f0000021000-7f0004000000 ---p 00000000 00:00 0\n"
#define LIBC                                                               \
	"7f8000000000-7f8000001000 r-xp 00000000 fe:00 7 /lib/libc.so.6\n" \
	"7f8000001000-7f8000002000 rw-p 00001000 fe:00 7 /lib/libc.so.6\n"

static const struct file libc = {
	.path = "/lib/libc.so.6",
	.segments = { { 0x0000, 0x0000, 0x1000, 0x1000, R_X }, { 0x1000, 0x1000, 0x1000, 0x1000, RW_ } },
};

Test(anon_use, a_block_is_a_guard_and_a_stack)
{
	make(TWO, 8);
	add_block(0x10000, 0x18000, 0x1000, 101);
	add_block(0x22000, 0x24000, 0, NO_TID);
	expect("10000-11000 guard thread 101\n"
	       "11000-18000 stack thread 101\n"
	       "22000-24000 stack thread -1\n");
}

Test(anon_use, a_heap_has_the_rest_of_its_room)
{
	make(HEAP, 8);
	add_heap(0x7f0000000000, 0x7f0000021000, 101);
	expect("7f0000000000-7f0000021000 heap thread 101\n"
	       "7f0000021000-7f0004000000 reserved thread 101\n");
}

Test(anon_use, a_full_heap_has_no_rest)
{
	make("f6e00000-f6f00000 rw-p 00000000 00:00 0\n", 4);
	add_heap(0xf6e00000, 0xf6f00000, NO_TID);
	expect("f6e00000-f6f00000 heap thread -1\n");
}

/* The program allocated the stack with malloc(): the memory around it is heap. */
Test(anon_use, a_stack_inside_of_a_heap_is_cut_out_of_it)
{
	make(HEAP, 8);
	add_heap(0x7f0000000000, 0x7f0000021000, NO_TID);
	add_block(0x7f0000001010, 0x7f0000009010, 0, 101);
	add_block(0x7f000000a000, 0x7f000000b000, 0, 102);
	expect("7f0000000000-7f0000001010 heap thread -1\n"
	       "7f0000001010-7f0000009010 stack thread 101\n"
	       "7f0000009010-7f000000a000 heap thread -1\n"
	       "7f000000a000-7f000000b000 stack thread 102\n"
	       "7f000000b000-7f0000021000 heap thread -1\n"
	       "7f0000021000-7f0004000000 reserved thread -1\n");
}

Test(anon_use, a_stack_with_a_guard_inside_of_a_heap_is_cut_out_of_it)
{
	make(HEAP, 8);
	add_heap(0x7f0000000000, 0x7f0000021000, NO_TID);
	add_block(0x7f0000001000, 0x7f0000009000, 0x1000, 101);
	expect("7f0000000000-7f0000001000 heap thread -1\n"
	       "7f0000001000-7f0000002000 guard thread 101\n"
	       "7f0000002000-7f0000009000 stack thread 101\n"
	       "7f0000009000-7f0000021000 heap thread -1\n"
	       "7f0000021000-7f0004000000 reserved thread -1\n");
}

/* The program has unmapped the room above a heap, and a stack took its place. */
Test(anon_use, a_stack_that_reaches_out_of_the_rest_of_a_heap_is_whole)
{
	make("7f0000000000-7f0000021000 rw-p 00000000 00:00 0\n"
	     "7f0003fff000-7f0004000000 ---p 00000000 00:00 0\n"
	     "7f0004000000-7f0004008000 rw-p 00000000 00:00 0\n",
	     8);
	add_heap(0x7f0000000000, 0x7f0000021000, NO_TID);
	add_block(0x7f0003ffe000, 0x7f0004008000, 0x1000, 101);
	expect("7f0000000000-7f0000021000 heap thread -1\n"
	       "7f0000021000-7f0003ffe000 reserved thread -1\n"
	       "7f0003ffe000-7f0003fff000 guard thread 101\n"
	       "7f0003fff000-7f0004008000 stack thread 101\n");
}

Test(anon_use, where_a_stack_and_a_heap_begin_together_the_stack_counts)
{
	make(HEAP, 8);
	add_heap(0x7f0000000000, 0x7f0000021000, NO_TID);
	add_block(0x7f0000000000, 0x7f0000008000, 0, 101);
	expect("7f0000000000-7f0000008000 stack thread 101\n"
	       "7f0000008000-7f0000021000 heap thread -1\n"
	       "7f0000021000-7f0004000000 reserved thread -1\n");
}

Test(anon_use, where_a_stack_and_a_heap_are_the_same_the_stack_counts)
{
	make(HEAP, 8);
	add_heap(0x7f0000000000, 0x7f0000021000, NO_TID);
	add_block(0x7f0000000000, 0x7f0000021000, 0, 101);
	add_block(0x7f0000021000, 0x7f0004000000, 0, 102);
	expect("7f0000000000-7f0000021000 stack thread 101\n"
	       "7f0000021000-7f0004000000 stack thread 102\n");
}

Test(anon_use, the_room_of_a_heap_does_not_wrap_at_the_top_of_all_memory)
{
	make("fffffffffc000000-fffffffffffff000 rw-p 00000000 00:00 0\n", 8);
	add_heap(UINT64_C(0xfffffffffc000000), UINT64_C(0xfffffffffc021000), NO_TID);
	expect("fffffffffc000000-fffffffffc021000 heap thread -1\n");
}

/* ---- shapes ---- */

Test(anon_use, what_is_as_large_as_a_stack_with_its_guard_is_one_that_was_left)
{
	make(TWO, 8);
	add_block(0x10000, 0x18000, 0x1000, 101);
	expect("10000-11000 guard thread 101\n"
	       "11000-18000 stack thread 101\n"
	       "20000-21000 guard pattern -1\n"
	       "21000-28000 stack pattern -1\n");
}

Test(anon_use, shapes_are_compared_with_all_stacks)
{
	make(TWO "30000-32000 ---p 00000000 00:00 0\n32000-38000 rw-p 00000000 00:00 0\n"
		 "40000-42000 ---p 00000000 00:00 0\n42000-48000 rw-p 00000000 00:00 0\n",
	     8);
	add_block(0x10000, 0x18000, 0x1000, 101);
	add_block(0x30000, 0x38000, 0x2000, 102);
	expect("10000-11000 guard thread 101\n"
	       "11000-18000 stack thread 101\n"
	       "20000-21000 guard pattern -1\n"
	       "21000-28000 stack pattern -1\n"
	       "30000-32000 guard thread 102\n"
	       "32000-38000 stack thread 102\n"
	       "40000-42000 guard pattern -1\n"
	       "42000-48000 stack pattern -1\n");
}

static void expect_no_shape(const char *why, const char *other)
{
	_cleanup_free_ char *maps =
		mem_format("10000-11000 ---p 00000000 00:00 0\n11000-18000 rw-p 00000000 00:00 0\n%s", other);

	make(maps, 8);
	add_block(0x10000, 0x18000, 0x1000, 101);
	find_anon_uses(facts, &space.judgement);
	cr_expect_eq(space.judgement.n_anon_uses, 2, "%s", why);
	tear_down();
}

Test(anon_use, what_is_not_as_a_stack_is_none)
{
	expect_no_shape("smaller", "20000-21000 ---p 00000000 00:00 0\n21000-27000 rw-p 00000000 00:00 0\n");
	expect_no_shape("larger", "20000-21000 ---p 00000000 00:00 0\n21000-29000 rw-p 00000000 00:00 0\n");
	expect_no_shape("a larger guard",
			"20000-22000 ---p 00000000 00:00 0\n22000-28000 rw-p 00000000 00:00 0\n");
	expect_no_shape("a gap", "20000-21000 ---p 00000000 00:00 0\n22000-29000 rw-p 00000000 00:00 0\n");
	expect_no_shape("read-only",
			"20000-21000 ---p 00000000 00:00 0\n21000-28000 r--p 00000000 00:00 0\n");
	expect_no_shape("a file",
			"20000-21000 ---p 00000000 00:00 0\n21000-28000 rw-p 00000000 fe:00 7 /f\n");
	make(TWO, 8);
}

Test(anon_use, a_stack_without_a_guard_has_no_shape)
{
	make(TWO, 8);
	add_block(0x11000, 0x18000, 0, 101);
	expect("11000-18000 stack thread 101\n");
}

Test(anon_use, what_holds_a_block_or_a_heap_has_no_shape)
{
	make(TWO "30000-31000 ---p 00000000 00:00 0\n31000-38000 rw-p 00000000 00:00 0\n", 8);
	add_block(0x10000, 0x18000, 0x1000, 101);
	add_block(0x27000, 0x27800, 0, 102);
	add_heap(0x37fff, 0x38000, NO_TID);
	facts->word_size = 4;
	expect("10000-11000 guard thread 101\n"
	       "11000-18000 stack thread 101\n"
	       "27000-27800 stack thread 102\n"
	       "37fff-38000 heap thread -1\n"
	       "38000-137fff reserved thread -1\n");
}

Test(anon_use, neighbours_of_blocks_and_heaps_have_a_shape)
{
	make("f6df8000-f6df9000 ---p 00000000 00:00 0\nf6df9000-f6e00000 rw-p 00000000 00:00 0\n"
	     "f6e00000-f6f00000 rw-p 00000000 fe:00 7 /f\n"
	     "f6f00000-f6f01000 ---p 00000000 00:00 0\nf6f01000-f6f08000 rw-p 00000000 00:00 0\n"
	     "f6f08000-f6f09000 ---p 00000000 00:00 0\nf6f09000-f6f10000 rw-p 00000000 00:00 0\n",
	     4);
	add_block(0xf6f08000, 0xf6f10000, 0x1000, 101);
	add_heap(0xf6e00000, 0xf6f00000, NO_TID);
	expect("f6df8000-f6df9000 guard pattern -1\n"
	       "f6df9000-f6e00000 stack pattern -1\n"
	       "f6e00000-f6f00000 heap thread -1\n"
	       "f6f00000-f6f01000 guard pattern -1\n"
	       "f6f01000-f6f08000 stack pattern -1\n"
	       "f6f08000-f6f09000 guard thread 101\n"
	       "f6f09000-f6f10000 stack thread 101\n");
}

static void make_unread(const char *maps, bool has_libc)
{
	make(maps, 8);
	facts->knows_heaps = false;
	if (has_libc)
		space_add_file(&space, &libc);
}

Test(anon_use, where_memory_is_denied_a_heap_of_glibc_is_known_by_its_room)
{
	make_unread(HEAP LIBC, true);
	expect("7f0000000000-7f0000021000 heap pattern -1\n"
	       "7f0000021000-7f0004000000 reserved pattern -1\n");
}

Test(anon_use, where_memory_was_read_what_is_no_heap_is_none)
{
	make(HEAP LIBC, 8);
	space_add_file(&space, &libc);
	expect("");
}

Test(anon_use, without_glibc_there_are_no_heaps)
{
	make_unread(HEAP "7f8000000000-7f8000001000 r-xp 00000000 fe:00 7 /lib/libc.so.6\n", false);
	expect("");
}

static void expect_no_heap(const char *why, const char *mappings)
{
	_cleanup_free_ char *maps = mem_format("%s%s", mappings, LIBC);

	make_unread(maps, true);
	find_modules(facts, &space.judgement);
	find_anon_uses(facts, &space.judgement);
	cr_expect_eq(space.judgement.n_anon_uses, 0, "%s", why);
	tear_down();
}

#define REST(start, end) start "-" end " ---p 00000000 00:00 0\n"
#define USED(start, end) start "-" end " rw-p 00000000 00:00 0\n"

Test(anon_use, what_is_not_as_a_heap_to_the_byte_is_none)
{
	expect_no_heap("too little",
		       USED("7f0000000000", "7f0000021000") REST("7f0000021000", "7f0003fff000"));
	expect_no_heap("too much", USED("7f0000000000", "7f0000021000") REST("7f0000021000", "7f0004001000"));
	expect_no_heap("a gap", USED("7f0000000000", "7f0000021000") REST("7f0000022000", "7f0004000000"));
	expect_no_heap("not at a boundary",
		       USED("7f0000001000", "7f0000021000") REST("7f0000021000", "7f0004001000"));
	expect_no_heap("nothing behind it", "");
	expect_no_heap("executable", "7f0000000000-7f0000021000 rwxp 00000000 00:00 0\n" REST(
					     "7f0000021000", "7f0004000000"));
	expect_no_heap("shared", "7f0000000000-7f0000021000 rw-s 00000000 00:00 0\n" REST("7f0000021000",
											  "7f0004000000"));
	make(HEAP, 8);
}
