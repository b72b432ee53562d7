/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "base/mem.h"
#include "heap/block_index.h"
#include "random.h"

#define WORD 8
#define START UINT64_C(0x555500000000)
#define N 20000

static struct block_index heap_index;
static struct heap_block blocks[N];

static void set_up(void)
{
	block_index_init(&heap_index, WORD);
}

static void tear_down(void)
{
	block_index_done(&heap_index);
}

TestSuite(block_index, .init = set_up, .fini = tear_down);

/* Adds blocks of any size and state, most of them small, in order of address, with gaps. */
static void make_blocks(void)
{
	uint64_t at = START;

	for (size_t i = 0; i < N; i++) {
		uint64_t size =
			random_below(100) == 0 ? 32 + 16 * random_below(1 << 16) : 32 + 16 * random_below(20);

		if (random_below(1000) == 0)
			at += 4096;
		blocks[i] = (struct heap_block){ .start = at,
						 .end = at + size,
						 .state = (enum block_state)random_below(N_BLOCK_STATES) };
		block_index_add(&heap_index, &blocks[i]);
		at += size;
	}
	block_index_settle(&heap_index);
}

static void expect_block(const struct heap_block *found, const struct heap_block *expected)
{
	cr_assert(found->start == expected->start);
	cr_assert(found->end == expected->end);
	cr_assert(found->state == BLOCK_USED);
}

Test(block_index, gives_blocks_in_use_by_address)
{
	struct block_place place = { 0 };
	struct heap_block found;

	make_blocks();
	for (size_t i = 0; i < N; i++) {
		if (blocks[i].state != BLOCK_USED)
			continue;
		cr_assert(block_index_next(&heap_index, &place, &found));
		expect_block(&found, &blocks[i]);
	}
	cr_assert_not(block_index_next(&heap_index, &place, &found));
}

Test(block_index, finds_the_block_that_holds_an_address)
{
	struct heap_block found;

	make_blocks();
	for (size_t i = 0; i < N; i++) {
		uint64_t addr = blocks[i].start + random_below(blocks[i].end - blocks[i].start);

		cr_assert(block_index_find(&heap_index, addr, &found) == (blocks[i].state == BLOCK_USED));
		if (blocks[i].state == BLOCK_USED)
			expect_block(&found, &blocks[i]);
	}
}

Test(block_index, has_nothing_outside)
{
	struct heap_block found;

	cr_assert_not(block_index_find(&heap_index, START, &found));
	make_blocks();
	cr_assert_not(block_index_find(&heap_index, START - 1, &found));
	cr_assert_not(block_index_find(&heap_index, blocks[N - 1].end, &found));
	cr_assert_not(block_index_find(&heap_index, 0, &found));
	cr_assert_not(block_index_find(&heap_index, UINT64_MAX, &found));
}

Test(block_index, removes_blocks_once)
{
	struct block_place place = { 0 };
	struct heap_block found;

	make_blocks();
	for (size_t i = 0; i < N; i++) {
		cr_assert_not(block_index_remove(&heap_index, blocks[i].start + 1));
		cr_assert(block_index_remove(&heap_index, blocks[i].start) ==
			  (blocks[i].state == BLOCK_USED));
		cr_assert_not(block_index_remove(&heap_index, blocks[i].start));
	}
	cr_assert_not(block_index_next(&heap_index, &place, &found));
}

Test(block_index, sorts_pieces_and_keeps_the_first_of_two_in_one_place)
{
	const struct heap_block pieces[] = {
		{ .start = START + 0x2000, .end = START + 0x3000, .arena = 1 },
		{ .start = START, .end = START + 0x1000, .arena = 0 },
		{ .start = START + 0x800, .end = START + 0x1800, .arena = 2 },
	};
	struct block_place place = { 0 };
	struct heap_block found;

	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		block_index_add(&heap_index, &pieces[i]);
	block_index_settle(&heap_index);
	cr_assert(block_index_next(&heap_index, &place, &found));
	expect_block(&found, &pieces[1]);
	cr_assert(block_index_next(&heap_index, &place, &found));
	expect_block(&found, &pieces[0]);
	cr_assert(found.arena == 1);
	cr_assert_not(block_index_next(&heap_index, &place, &found));
}

Test(block_index, needs_little_for_blocks_far_apart)
{
	const uint64_t huge = UINT64_C(1) << 46;
	const struct heap_block far[] = {
		{ .start = START, .end = START + huge },
		{ .start = START + huge, .end = START + huge + 0x20 },
	};
	struct heap_block found;

	for (size_t i = 0; i < ARRAY_SIZE(far); i++)
		block_index_add(&heap_index, &far[i]);
	block_index_settle(&heap_index);
	cr_assert(block_index_find(&heap_index, START + huge - 1, &found));
	expect_block(&found, &far[0]);
	cr_assert(block_index_find(&heap_index, START + huge, &found));
	expect_block(&found, &far[1]);
}

/* Otherwise a program could make the index far larger than its own memory. */
Test(block_index, needs_little_for_large_blocks)
{
	const uint64_t size = UINT64_C(63) << 20;
	struct heap_block found;

	for (uint64_t i = 0; i < 1000; i++)
		block_index_add(&heap_index, &(struct heap_block){ .start = START + i * size,
								   .end = START + (i + 1) * size });
	block_index_settle(&heap_index);
	for (size_t i = 0; i < heap_index.n_spans; i++)
		cr_assert(heap_index.spans[i].cap_words <= 64);
	for (uint64_t i = 0; i < 1000; i++) {
		cr_assert(block_index_find(&heap_index, START + (i + 1) * size - 1, &found));
		cr_assert(found.start == START + i * size && found.end == found.start + size);
	}
}

Test(block_index, knows_which_spans_continue)
{
	const struct heap_block large[] = {
		{ .start = START, .end = START + (1 << 24) },
		{ .start = START + (1 << 24), .end = START + (2 << 24) },
		{ .start = START + (2 << 24), .end = START + (3 << 24), .arena = 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(large); i++)
		block_index_add(&heap_index, &large[i]);
	block_index_settle(&heap_index);
	cr_assert(heap_index.n_spans == 3);
	cr_assert(block_index_limit(&heap_index, 0) == large[0].end + WORD);
	cr_assert(block_index_limit(&heap_index, 1) == large[1].end);
	cr_assert(block_index_limit(&heap_index, 2) == large[2].end);
}
