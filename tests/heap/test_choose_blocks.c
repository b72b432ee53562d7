/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "heap/choose_blocks.h"

#define PAGE 4096

/* A block of the pages [first, behind). */
#define MAY(first, behind)                                  \
	{                                                   \
		.start = (first)*PAGE, .end = (behind)*PAGE \
	}
#define BEGINS(first, behind)                                                       \
	{                                                                           \
		.start = (first)*PAGE, .end = (behind)*PAGE, .begins_mapping = true \
	}

Test(choose_blocks, takes_all_that_are_wanted)
{
	struct possible_block blocks[] = { MAY(0, 3), BEGINS(3, 5), MAY(7, 9) };

	cr_assert(choose_blocks(blocks, 3, 3, 7 * PAGE));
	cr_assert(blocks[0].is_chosen && blocks[1].is_chosen && blocks[2].is_chosen);
}

Test(choose_blocks, leaves_what_does_not_fit)
{
	struct possible_block blocks[] = { MAY(0, 3), MAY(1, 2), MAY(4, 8), MAY(9, 14) };

	cr_assert(choose_blocks(blocks, 4, 2, 8 * PAGE));
	cr_assert(blocks[0].is_chosen && !blocks[1].is_chosen && !blocks[2].is_chosen && blocks[3].is_chosen);
}

Test(choose_blocks, takes_none_that_overlap)
{
	struct possible_block blocks[] = { MAY(0, 4), MAY(2, 6), MAY(8, 12) };

	cr_assert(!choose_blocks(blocks, 2, 2, 8 * PAGE));
	cr_assert(!choose_blocks(blocks, 3, 3, 12 * PAGE));
}

Test(choose_blocks, prefers_what_begins_a_mapping)
{
	struct possible_block blocks[] = { BEGINS(0, 4), MAY(10, 14), MAY(20, 22) };

	cr_assert(choose_blocks(blocks, 3, 1, 4 * PAGE));
	cr_assert(blocks[0].is_chosen && !blocks[1].is_chosen);
	cr_assert(choose_blocks(blocks, 3, 2, 6 * PAGE));
	cr_assert(blocks[0].is_chosen && !blocks[1].is_chosen && blocks[2].is_chosen);
}

Test(choose_blocks, drops_what_begins_a_mapping_and_cannot_be_one)
{
	struct possible_block blocks[] = { BEGINS(0, 4), MAY(1, 2), MAY(20, 22) };

	cr_assert(choose_blocks(blocks, 3, 2, 3 * PAGE));
	cr_assert(!blocks[0].is_chosen && blocks[1].is_chosen && blocks[2].is_chosen);
}

Test(choose_blocks, refuses_what_is_not_clear)
{
	struct possible_block blocks[] = { MAY(0, 4), MAY(10, 14), MAY(20, 22) };

	cr_assert(!choose_blocks(blocks, 3, 2, 6 * PAGE));
	for (size_t i = 0; i < 3; i++)
		cr_assert(!blocks[i].is_chosen);
	cr_assert(!choose_blocks(blocks, 3, 4, 10 * PAGE));
	cr_assert(!choose_blocks(blocks, 0, 1, PAGE));
	cr_assert(choose_blocks(blocks, 0, 0, 0));
}

/* Choosing half of 4096 blocks: there are more choices than can be tried. */
Test(choose_blocks, gives_up)
{
	static struct possible_block blocks[CHOICE_MAX];
	uint64_t at = 0;

	for (size_t i = 0; i < CHOICE_MAX; i++) {
		blocks[i] = (struct possible_block)MAY(at, at + 2 * (i % 97 + 1));
		at += 2 * (i % 97 + 1);
	}
	cr_assert(!choose_blocks(blocks, CHOICE_MAX, CHOICE_MAX / 2, at / 2 * PAGE + 1));
	cr_assert(!choose_blocks(blocks, CHOICE_MAX, CHOICE_MAX / 2, (at / 4 * 2 + 1) * PAGE));
}
