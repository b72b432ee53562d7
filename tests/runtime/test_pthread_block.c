/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/pthread_block.h"
#include "space.h"

#define PAGE 0x1000

/* Words of a glibc block at `control`: its own address twice, then some fields. */
static struct window *window_with(uint64_t control, const uint64_t fields[4])
{
	struct window *w = mem_alloc(sizeof(*w));

	w->start = control;
	w->word_size = 8;
	w->n = 32;
	w->words[0] = w->words[2] = control;
	for (size_t i = 0; i < 4; i++)
		w->words[20 + i] = fields[i];
	return w;
}

static bool is_found(uint64_t control, uint64_t start, uint64_t size, uint64_t guard, uint64_t reported,
		     struct stack_block *ret)
{
	const uint64_t fields[] = { start, size, guard, reported };
	_cleanup_free_ struct window *w = window_with(control, fields);
	size_t at = 3;

	return control_find_glibc(w, &at, w->n, control, PAGE, ret);
}

Test(pthread_block, fields_of_glibc)
{
	struct stack_block block;

	cr_assert(is_found(0x17f00, 0x10000, 0x8000, PAGE, PAGE, &block));
	cr_assert_eq(block.start, 0x10000);
	cr_assert_eq(block.end, 0x18000);
	cr_assert_eq(block.guard, PAGE);
	/* A stack that the program provides may begin anywhere. */
	cr_assert(is_found(0x17f00, 0x10010, 0x7ff0, 0, 0, &block));
	cr_assert_eq(block.start, 0x10010);
}

Test(pthread_block, fields_that_do_not_fit_together)
{
	struct stack_block block;

	cr_assert_not(is_found(0x17f00, 0x10010, 0x7ff0, PAGE, PAGE, &block), "a guard and no whole pages");
	cr_assert_not(is_found(0x17f00, 0x10000, 0x8000, PAGE + 8, PAGE, &block), "half a page of guard");
	cr_assert_not(is_found(0x17f00, 0x10000, 0x8000, PAGE, 2 * PAGE, &block),
		      "a smaller guard than reported");
	cr_assert_not(is_found(0x17f00, 0x10000, 0x8000, 0x8000, 0, &block), "nothing but guard");
	cr_assert_not(is_found(0x17f00, 0x18000, 0x8000, PAGE, PAGE, &block), "above the block");
	cr_assert_not(is_found(0x17f00, 0x10000, 0x7000, PAGE, PAGE, &block), "below the block");
	cr_assert_not(is_found(0x17f00, 0x10000, 0x7f00, 0, 0, &block), "up to the block");
	cr_assert_not(is_found(0x17f00, 0x10000, 0x28000, PAGE, PAGE, &block), "too far above the block");
	cr_assert_not(is_found(0x17f00, 0x10000, UINT64_MAX, PAGE, PAGE, &block),
		      "around the end of all memory");
}

static bool is_musl_found(uint64_t base, uint64_t size, uint64_t top, uint64_t stack_size,
			  struct stack_block *ret)
{
	struct window *w = mem_alloc(sizeof(*w));
	const uint64_t fields[] = { base, size, top, stack_size };
	bool is_found;
	size_t at = 0;

	w->start = w->words[0] = 0x17f00;
	w->word_size = 8;
	w->n = 32;
	memcpy(w->words + 9, fields, sizeof(fields));
	is_found = control_find_musl(w, 0, &at, PAGE, ret);
	free(w);
	return is_found;
}

Test(pthread_block, fields_of_musl)
{
	struct stack_block block;

	cr_assert(is_musl_found(0x10000, 0x8000, 0x17000, 0x6000, &block));
	cr_assert_eq(block.start, 0x10000);
	cr_assert_eq(block.end, 0x18000);
	cr_assert_eq(block.guard, PAGE);
	cr_assert(is_musl_found(0x10000, 0x8000, 0x17f00, 0x7f00, &block), "no guard, up to the block");
	cr_assert_eq(block.guard, 0);
}

Test(pthread_block, fields_of_musl_that_do_not_fit_together)
{
	struct stack_block block;

	cr_assert_not(is_musl_found(0x10000, 0x8000, 0x17000, 0, &block), "no stack");
	cr_assert_not(is_musl_found(0x10000, 0x8000, 0x17000, 0x17000, &block), "a stack from 0 on");
	cr_assert_not(is_musl_found(0x10000, 0x8000, 0x17000, 0x18000, &block), "a stack from below 0 on");
	cr_assert_not(is_musl_found(0, 0x8000, 0x17000, 0x18000, &block), "the same without a mapping");
	cr_assert_not(is_musl_found(0x10000, 0x7f00, 0x17000, 0x6000, &block), "a mapping up to the block");
	cr_assert_not(is_musl_found(0, 0x6f00, 0x17000, 0x6000, &block), "the same without a mapping");
	cr_assert_not(is_musl_found(0x10000, 0x18000, 0x17000, 0x6000, &block), "too far above the block");
	cr_assert_not(is_musl_found(0x10000, 0x8000, 0x18000, 0x7000, &block), "a stack above the block");
	cr_assert_not(is_musl_found(0x10000, 0x8000, 0x17000, 0x8000, &block), "a stack below its mapping");
}

Test(pthread_block, words_are_as_wide_as_those_of_the_process)
{
	static const unsigned char bytes[] = { 1, 0, 0, 0, 2, 0, 0, 0x80, 3, 0, 0, 0, 4 };
	struct window *w = mem_alloc(sizeof(*w));
	struct facts facts = { .word_size = 4 };

	window_fill(w, &facts, 0x1000, bytes, sizeof(bytes));
	cr_assert_eq(w->n, 3);
	cr_assert_eq(w->words[0], 1);
	cr_assert_eq(w->words[1], 0x80000002);
	facts.word_size = 0;
	window_fill(w, &facts, 0x1000, bytes, sizeof(bytes));
	cr_assert_eq(w->n, 1, "of an unknown width");
	cr_assert_eq(w->words[0], UINT64_C(0x8000000200000001));
	free(w);
}

static bool fits(const char *maps, uint64_t start, uint64_t end, uint64_t guard)
{
	const struct stack_block block = { .start = start, .end = end, .guard = guard };
	struct space space;
	bool is_fitting;

	space_map(&space, maps);
	is_fitting = pthread_block_fits(&space.facts, &block);
	space_done(&space);
	return is_fitting;
}

Test(pthread_block, a_stack_and_its_guard_are_neighbours)
{
	const char *maps = "10000-11000 ---p 00000000 00:00 0\n"
			   "11000-18000 rw-p 00000000 00:00 0\n";

	cr_assert(fits(maps, 0x10000, 0x18000, PAGE));
	cr_assert(fits(maps, 0x12000, 0x17000, 0), "a part of the mapping");
	cr_assert_not(fits(maps, 0xf000, 0x18000, PAGE), "below the guard");
	cr_assert_not(fits(maps, 0x10000, 0x19000, PAGE), "above the mapping");
	cr_assert_not(fits(maps, 0x10000, 0x11000, 0), "no access");
}

Test(pthread_block, a_file_between_a_stack_and_its_guard_is_no_part_of_it)
{
	const char *maps = "10000-11000 ---p 00000000 00:00 0\n"
			   "11000-12000 ---p 00000000 fe:00 7 /file\n"
			   "12000-18000 rw-p 00000000 00:00 0\n";

	cr_assert_not(fits(maps, 0x10000, 0x18000, PAGE));
	cr_assert(fits(maps, 0x12000, 0x18000, 0));
}

Test(pthread_block, a_stack_may_be_in_pieces)
{
	const char *inside = "10000-11000 ---p 00000000 00:00 0\n"
			     "11000-14000 rw-p 00000000 00:00 0\n"
			     "14000-15000 ---p 00000000 00:00 0\n"
			     "15000-18000 rw-p 00000000 00:00 0\n";
	const char *locked = "10000-11000 ---p 00000000 00:00 0\n"
			     "11000-14000 rw-p 00000000 00:00 0\n"
			     "14000-15000 rw-p 00000000 00:00 0\n"
			     "15000-18000 r--p 00000000 00:00 0\n"
			     "18000-19000 rw-p 00000000 00:00 0\n";
	const char *hole = "10000-11000 ---p 00000000 00:00 0\n"
			   "11000-14000 rw-p 00000000 00:00 0\n"
			   "15000-18000 rw-p 00000000 00:00 0\n";

	cr_assert(fits(inside, 0x14000, 0x18000, PAGE));
	cr_assert(fits(inside, 0x10000, 0x18000, PAGE), "a guard of the program's own inside");
	cr_assert(fits(locked, 0x10000, 0x19000, PAGE));
	cr_assert(fits(locked, 0x12000, 0x18800, PAGE));
	cr_assert_not(fits(locked, 0x10000, 0x17000, PAGE), "nothing can be written where it ends");
	cr_assert_not(fits(hole, 0x10000, 0x18000, PAGE), "a hole");
}

/* A stack of that many pages, each a mapping of its own. */
static bool fits_in_pieces(unsigned n)
{
	_cleanup_free_ char *maps = mem_alloc(n * 48 + 1);
	size_t len = 0;

	for (unsigned i = 0; i < n; i++)
		len += (size_t)sprintf(maps + len, "%x000-%x000 rw-p 00000000 00:00 0\n", 0x10 + i, 0x11 + i);
	return fits(maps, 0x10000, 0x10000 + n * PAGE, 0);
}

Test(pthread_block, a_stack_is_not_in_hundreds_of_pieces)
{
	cr_assert(fits_in_pieces(64));
	cr_assert_not(fits_in_pieces(500), "each guess would take as long");
}

Test(pthread_block, a_stack_may_be_in_memory_of_any_sort)
{
	const char *maps = "10000-11000 ---s 00000000 00:01 7 /memfd:stack (deleted)\n"
			   "11000-18000 rw-s 00001000 00:01 7 /memfd:stack (deleted)\n"
			   "18000-19000 rw-s 00000000 00:01 8 /memfd:other (deleted)\n";

	cr_assert(fits(maps, 0x10000, 0x18000, PAGE));
	cr_assert(fits(maps, 0x18000, 0x19000, 0));
	cr_assert_not(fits(maps, 0x17000, 0x19000, 0), "two files");
}
