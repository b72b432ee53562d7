/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "runtime/pthread_block.h"
#include "space.h"

#define PAGE 0x1000

/* Words of a block that is at `control`, with some fields of glibc's after its own two addresses. */
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

	return control_find_glibc(w, 3, w->n, control, PAGE, ret);
}

Test(control_block, fields_of_glibc)
{
	struct stack_block block;

	cr_assert(is_found(0x17f00, 0x10000, 0x8000, PAGE, PAGE, &block));
	cr_assert_eq(block.start, 0x10000);
	cr_assert_eq(block.end, 0x18000);
	cr_assert_eq(block.guard, PAGE);
	/* A program's own stack may begin anywhere. */
	cr_assert(is_found(0x17f00, 0x10010, 0x7ff0, 0, 0, &block));
	cr_assert_eq(block.start, 0x10010);
}

Test(control_block, fields_that_do_not_fit_together)
{
	struct stack_block block;

	cr_assert_not(is_found(0x17f00, 0x10010, 0x7ff0, PAGE, PAGE, &block), "a guard and no whole pages");
	cr_assert_not(is_found(0x17f00, 0x10000, 0x8000, PAGE + 8, PAGE, &block), "half a page of guard");
	cr_assert_not(is_found(0x17f00, 0x10000, 0x8000, PAGE, 2 * PAGE, &block),
		      "a smaller guard than reported");
	cr_assert_not(is_found(0x17f00, 0x10000, 0x8000, 0x8000, 0, &block), "nothing but guard");
	cr_assert_not(is_found(0x17f00, 0x18000, 0x8000, PAGE, PAGE, &block), "above the block");
	cr_assert_not(is_found(0x17f00, 0x10000, 0x7000, PAGE, PAGE, &block), "below the block");
	cr_assert_not(is_found(0x17f00, 0x10000, 0x28000, PAGE, PAGE, &block), "too far above the block");
	cr_assert_not(is_found(0x17f00, 0x10000, UINT64_MAX, PAGE, PAGE, &block),
		      "around the end of all memory");
}

static bool fits(const char *maps, size_t mapping, uint64_t start, uint64_t end, uint64_t guard)
{
	const struct stack_block block = { .start = start, .end = end, .guard = guard };
	struct space space;
	bool is_fitting;

	space_map(&space, maps);
	is_fitting = control_fits(&space.facts, &space.facts.mappings[mapping], &block);
	space_done(&space);
	return is_fitting;
}

Test(control_block, a_stack_and_its_guard_are_neighbours)
{
	const char *maps = "10000-11000 ---p 00000000 00:00 0\n"
			   "11000-18000 rw-p 00000000 00:00 0\n";

	cr_assert(fits(maps, 1, 0x10000, 0x18000, PAGE));
	cr_assert(fits(maps, 1, 0x12000, 0x17000, 0), "a part of the mapping");
	cr_assert_not(fits(maps, 1, 0xf000, 0x18000, PAGE), "below the guard");
	cr_assert_not(fits(maps, 1, 0x10000, 0x19000, PAGE), "above the mapping");
	cr_assert_not(fits(maps, 0, 0x10000, 0x11000, 0), "no access");
}

Test(control_block, a_guard_farther_below_is_another_ones)
{
	const char *maps = "10000-11000 ---p 00000000 00:00 0\n"
			   "11000-12000 ---p 00000000 fe:00 7 /file\n"
			   "12000-18000 rw-p 00000000 00:00 0\n";
	const char *two = "10000-11000 ---p 00000000 00:00 0\n"
			  "11000-14000 rw-p 00000000 00:00 0\n"
			  "14000-15000 ---p 00000000 00:00 0\n"
			  "15000-18000 rw-p 00000000 00:00 0\n";

	cr_assert_not(fits(maps, 2, 0x10000, 0x18000, PAGE), "a file lies between them");
	cr_assert(fits(two, 3, 0x14000, 0x18000, PAGE));
	cr_assert_not(fits(two, 3, 0x10000, 0x18000, PAGE), "another stack lies between them");
	cr_assert_not(fits(two, 3, 0x13000, 0x18000, PAGE), "the guard lies in the middle");
}
