/* SPDX-License-Identifier: MIT */
#include "analysis/thread_stacks.h"

#include <string.h>

#include "base/mem.h"

static const struct {
	char letter;
	const char *name;
} states[] = {
	{ 'R', "running" }, { 'S', "sleeping" },
	{ 'D', "waiting" }, { 'T', "stopped" },
	{ 't', "traced" },  { 'Z', "exited" },
	{ 'X', "exited" },  { 'I', "idle" },
	{ 'P', "parked" },  { THREAD_CRASHED, "crashed" },
};

const char *thread_state_name(char state)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (states[i].letter == state)
			return states[i].name;
	return NULL;
}

char thread_state_letter(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (strcmp(states[i].name, name) == 0)
			return states[i].letter;
	return 0;
}

/* ---- where they are ---- */

/* The stack of the main thread, if that has one of its own; empty: it has none. */
struct main_stack {
	uint64_t start, end;
};

static struct main_stack find_main_stack(const struct facts *facts)
{
	struct main_stack stack;

	if (facts->process.shares_memory || !facts_main_stack_range(facts, &stack.start, &stack.end))
		return (struct main_stack){ 0 };
	return stack;
}

static bool is_main(const struct facts *facts, const struct main_stack *stack, int32_t tid)
{
	return tid == facts->process.pid && stack->start < stack->end;
}

static void take_block(const struct facts *facts, const struct stack_block *block, struct stack_range *stacks)
{
	size_t thread = facts_find_thread(facts, block->tid);

	if (thread < facts->n_threads)
		stacks[thread] = (struct stack_range){
			.start = block->start + block->guard,
			.end = block->end,
			.guard = block->guard,
		};
}

/* Takes the stacks that the C library keeps; for a thread without one, the stack that it runs on now. */
static void take_blocks(const struct facts *facts, const struct main_stack *main, struct stack_range *stacks)
{
	/* If a thread has several, the first one counts. */
	for (size_t i = facts->n_blocks; i-- > 0;)
		if (!facts->blocks[i].is_current)
			take_block(facts, &facts->blocks[i], stacks);
	for (size_t i = 0; i < facts->n_blocks; i++) {
		const struct stack_block *block = &facts->blocks[i];
		size_t thread = facts_find_thread(facts, block->tid);

		if (block->is_current && thread < facts->n_threads && stacks[thread].start == UNKNOWN &&
		    !is_main(facts, main, block->tid))
			take_block(facts, block, stacks);
	}
}

/* Takes the main stack, and stacks that the kernel names by thread: from their first region to their last. */
static void take_regions(const struct facts *facts, const struct main_stack *main,
			 struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->n_regions; i++) {
		const struct region *region = &judgement->regions[i];
		size_t thread =
			region->kind == KIND_STACK ? facts_find_thread(facts, region->tid) : facts->n_threads;
		struct stack_range *stack = &judgement->stacks[thread];

		if (thread == facts->n_threads || stack->guard != UNKNOWN)
			continue;
		/* A coroutine's stack, which the main thread runs on now. */
		if (is_main(facts, main, region->tid) &&
		    (region->start < main->start || region->end > main->end))
			continue;
		if (stack->start == UNKNOWN)
			stack->start = region->start;
		stack->end = region->end;
	}
}

void find_stack_ranges(const struct facts *facts, struct judgement *judgement)
{
	struct main_stack main;

	if (facts->n_threads == 0)
		return;
	main = find_main_stack(facts);
	judgement->stacks = mem_array(facts->n_threads, sizeof(*judgement->stacks));
	for (size_t i = 0; i < facts->n_threads; i++)
		judgement->stacks[i] = (struct stack_range){ UNKNOWN, UNKNOWN, UNKNOWN };
	take_blocks(facts, &main, judgement->stacks);
	take_regions(facts, &main, judgement);
}

/* ---- how far they are used ---- */

/* The main stack grows on demand, up to a limit; other stacks have a fixed size. */
static uint64_t stack_room(const struct space *space, const struct thread_stack *stack)
{
	if (stack->thread->tid == space->facts.process.pid)
		return space->facts.process.limits[LIMIT_STACK].max;
	return stack->end - stack->start;
}

static void set_use(const struct space *space, struct thread_stack *stack)
{
	uint64_t sp = stack->thread->sp;
	uint64_t lowest =
		space->answers.lowest ? space->answers.lowest[stack->thread - space->facts.threads] : UNKNOWN;
	uint64_t room;

	if (stack->start == UNKNOWN)
		return;
	stack->is_used_by_sp = sp != UNKNOWN && sp >= stack->start && sp <= stack->end;
	if (stack->is_used_by_sp)
		stack->used = stack->end - sp;
	else if (lowest != UNKNOWN && lowest >= stack->start && lowest < stack->end)
		stack->used = stack->end - lowest;
	room = stack_room(space, stack);
	if (stack->used != UNKNOWN && room != UNKNOWN)
		stack->free = room - MIN(room, stack->used);
}

struct thread_stack *find_stacks(const struct space *space)
{
	struct thread_stack *stacks = mem_array(space->facts.n_threads, sizeof(*stacks));

	for (size_t i = 0; i < space->facts.n_threads; i++) {
		stacks[i] = (struct thread_stack){
			.thread = &space->facts.threads[i],
			.start = space->judgement.stacks[i].start,
			.end = space->judgement.stacks[i].end,
			.guard = space->judgement.stacks[i].guard,
			.used = UNKNOWN,
			.free = UNKNOWN,
		};
		set_use(space, &stacks[i]);
	}
	return stacks;
}

const char *stack_used_by(const struct thread_stack *stack)
{
	if (stack->used == UNKNOWN)
		return stack->start != UNKNOWN && stack->thread->sp != UNKNOWN ? "elsewhere" : NULL;
	return stack->is_used_by_sp ? "sp" : "pages";
}
