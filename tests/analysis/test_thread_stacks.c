/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/thread_stacks.h"
#include "control.h"
#include "space.h"

#define PROCESS 100
#define MAP                                               \
	"10000-11000 ---p 00000000 00:00 0\n"             \
	"11000-18000 rw-p 00000000 00:00 0\n"             \
	"20000-28000 rw-p 00000000 00:00 0 [stack:102]\n" \
	"30000-38000 rw-p 00000000 00:00 0 [stack]\n"

static struct space space;
static struct memory memory;
static struct thread_stack *stacks;

static void set_up(void)
{
	memory_init(&memory);
	space_map(&space, MAP);
	space.facts.process.pid = PROCESS;
	space.facts.process.limits[LIMIT_STACK].max = 0x800000;
	for (int32_t tid = PROCESS; tid < 104; tid++)
		control_add_thread(&space.facts, &memory, tid, UNKNOWN);
	space_classify(&space);
}

static void tear_down(void)
{
	free(stacks);
	space_done(&space);
}

TestSuite(thread_stacks, .init = set_up, .fini = tear_down);

static void add_block(uint64_t start, uint64_t end, uint64_t guard, int32_t tid)
{
	struct facts *facts = &space.facts;

	mem_grow(facts->blocks, facts->n_blocks, facts->cap_blocks);
	facts->blocks[facts->n_blocks++] = (struct stack_block){ start, end, guard, tid };
}

static void find(void)
{
	find_stack_ranges(&space.facts, &space.judgement);
	stacks = find_stacks(&space);
}

static void expect_stack(int32_t tid, uint64_t start, uint64_t end, uint64_t guard)
{
	const struct thread_stack *stack = &stacks[tid - PROCESS];

	cr_expect_eq(stack->thread->tid, tid);
	cr_expect_eq(stack->start, start, "start of %d", tid);
	cr_expect_eq(stack->end, end, "end of %d", tid);
	cr_expect_eq(stack->guard, guard, "guard of %d", tid);
}

Test(thread_stacks, what_blocks_and_the_kernel_say)
{
	add_block(0x10000, 0x18000, 0x1000, 101);
	find();
	expect_stack(100, 0x30000, 0x38000, UNKNOWN);
	expect_stack(101, 0x11000, 0x18000, 0x1000);
	expect_stack(102, 0x20000, 0x28000, UNKNOWN);
	expect_stack(103, UNKNOWN, UNKNOWN, UNKNOWN);
}

Test(thread_stacks, a_block_counts_more_than_a_label)
{
	add_block(0x21000, 0x27000, 0, 102);
	find();
	expect_stack(102, 0x21000, 0x27000, 0);
}

Test(thread_stacks, of_several_blocks_the_first_counts)
{
	add_block(0x11000, 0x12000, 0, 101);
	add_block(0x13000, 0x14000, 0, 101);
	find();
	expect_stack(101, 0x11000, 0x12000, 0);
}

Test(thread_stacks, a_block_of_nobody_or_of_no_thread_is_no_threads_stack)
{
	add_block(0x11000, 0x12000, 0, NO_TID);
	add_block(0x13000, 0x14000, 0, 99);
	add_block(0x15000, 0x16000, 0, 104);
	add_block(0x16000, 0x17000, 0, INT32_MIN);
	find();
	expect_stack(101, UNKNOWN, UNKNOWN, UNKNOWN);
	expect_stack(103, UNKNOWN, UNKNOWN, UNKNOWN);
}

Test(thread_stacks, a_process_without_threads_has_no_stacks)
{
	space.facts.n_threads = 0;
	add_block(0x10000, 0x18000, 0x1000, 101);
	find_stack_ranges(&space.facts, &space.judgement);
	cr_assert_null(space.judgement.stacks);
}

/* ---- how far they are used ---- */

static void expect_use(int32_t tid, uint64_t used, uint64_t unused, const char *by)
{
	const struct thread_stack *stack = &stacks[tid - PROCESS];

	cr_expect_eq(stack->used, used, "use of %d", tid);
	cr_expect_eq(stack->free, unused, "room of %d", tid);
	if (by)
		cr_expect_str_eq(stack_used_by(stack), by);
	else
		cr_expect_null(stack_used_by(stack));
}

static void find_with_sp(int32_t tid, uint64_t sp)
{
	free(stacks);
	space.facts.n_blocks = 0;
	add_block(0x10000, 0x18000, 0x1000, 101);
	space.facts.threads[tid - PROCESS].sp = sp;
	free(space.judgement.stacks);
	find();
}

Test(thread_stacks, a_stack_pointer_says_how_far_a_stack_is_used)
{
	find_with_sp(101, 0x17000);
	expect_use(101, 0x1000, 0x6000, "sp");
	find_with_sp(101, 0x11000);
	expect_use(101, 0x7000, 0, "sp");
	find_with_sp(101, 0x18000);
	expect_use(101, 0, 0x7000, "sp");
}

Test(thread_stacks, a_stack_pointer_that_is_elsewhere_says_that_and_no_more)
{
	find_with_sp(101, 0x10fff);
	expect_use(101, UNKNOWN, UNKNOWN, "elsewhere");
	find_with_sp(101, 0x18001);
	expect_use(101, UNKNOWN, UNKNOWN, "elsewhere");
	find_with_sp(101, 0);
	expect_use(101, UNKNOWN, UNKNOWN, "elsewhere");
	find_with_sp(101, UNKNOWN - 1);
	expect_use(101, UNKNOWN, UNKNOWN, "elsewhere");
}

Test(thread_stacks, a_thread_without_a_stack_uses_none)
{
	find_with_sp(103, 0x17000);
	expect_use(103, UNKNOWN, UNKNOWN, NULL);
}

Test(thread_stacks, the_main_stack_may_grow_to_its_limit)
{
	find_with_sp(100, 0x37000);
	expect_use(100, 0x1000, 0x7ff000, "sp");
	space.facts.process.limits[LIMIT_STACK].max = 0x800;
	find_with_sp(100, 0x37000);
	expect_use(100, 0x1000, 0, "sp");
	space.facts.process.limits[LIMIT_STACK].max = UNKNOWN;
	find_with_sp(100, 0x37000);
	expect_use(100, 0x1000, UNKNOWN, "sp");
}

Test(thread_stacks, pages_say_how_far_where_no_stack_pointer_does)
{
	static const uint64_t lowest[] = { 0x30000, 0x16000, 0x1f000, 0x13000 };

	space.answers.lowest = mem_alloc(sizeof(lowest));
	memcpy(space.answers.lowest, lowest, sizeof(lowest));
	find_with_sp(101, UNKNOWN);
	expect_use(100, 0x8000, 0x7f8000, "pages");
	expect_use(101, 0x2000, 0x5000, "pages");
	expect_use(102, UNKNOWN, UNKNOWN, NULL);
	expect_use(103, UNKNOWN, UNKNOWN, NULL);
	space.answers.lowest[1] = 0x18000;
	find_with_sp(101, UNKNOWN);
	expect_use(101, UNKNOWN, UNKNOWN, NULL);
	find_with_sp(101, 0x17000);
	expect_use(101, 0x1000, 0x6000, "sp");
}
