/* SPDX-License-Identifier: MIT */
#include "analysis/thread_stacks.h"

#include "base/mem.h"

const char *thread_state_name(char state)
{
	static const struct {
		char letter;
		const char *name;
	} states[] = {
		{ 'R', "running" }, { 'S', "sleeping" }, { 'D', "waiting" },
		{ 'T', "stopped" }, { 't', "traced" },	 { 'Z', "exited" },
		{ 'X', "exited" },  { 'I', "idle" },	 { 'P', "parked" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (states[i].letter == state)
			return states[i].name;
	return NULL;
}

static void set_range(const struct space *space, struct thread_stack *stack)
{
	int32_t tid = stack->thread->tid;

	for (size_t i = 0; i < space->facts.n_blocks; i++)
		if (space->facts.blocks[i].tid == tid) {
			stack->start = space->facts.blocks[i].start + space->facts.blocks[i].guard;
			stack->end = space->facts.blocks[i].end;
			stack->guard = space->facts.blocks[i].guard;
			return;
		}
	/* The main stack, and those that the kernel names by thread. */
	for (size_t i = 0; i < space->judgement.n_regions; i++) {
		const struct region *region = &space->judgement.regions[i];

		if (region->kind != KIND_STACK || region->tid != tid)
			continue;
		if (stack->start == UNKNOWN)
			stack->start = region->start;
		stack->end = region->end;
	}
}

/* The main stack grows when it must, up to a limit; others are as large as they were made. */
static uint64_t room_of(const struct space *space, const struct thread_stack *stack)
{
	if (stack->thread->tid == space->facts.process.pid)
		return space->facts.process.limits[LIMIT_STACK].max;
	return stack->end - stack->start;
}

static void set_use(const struct space *space, struct thread_stack *stack)
{
	uint64_t sp = stack->thread->sp;
	uint64_t lowest = stack->thread->lowest;

	if (stack->start == UNKNOWN)
		return;
	stack->is_used_by_sp = sp != UNKNOWN && sp >= stack->start && sp <= stack->end;
	if (stack->is_used_by_sp)
		stack->used = stack->end - sp;
	else if (lowest != UNKNOWN && lowest >= stack->start && lowest < stack->end)
		stack->used = stack->end - lowest;
	if (stack->used != UNKNOWN)
		stack->free = room_of(space, stack) == UNKNOWN	  ? UNKNOWN :
			      room_of(space, stack) > stack->used ? room_of(space, stack) - stack->used :
								    0;
}

struct thread_stack *find_stacks(const struct space *space)
{
	struct thread_stack *stacks = mem_realloc(NULL, space->facts.n_threads, sizeof(*stacks));

	for (size_t i = 0; i < space->facts.n_threads; i++) {
		stacks[i] = (struct thread_stack){
			.thread = &space->facts.threads[i],
			.start = UNKNOWN,
			.end = UNKNOWN,
			.guard = UNKNOWN,
			.used = UNKNOWN,
			.free = UNKNOWN,
		};
		set_range(space, &stacks[i]);
		set_use(space, &stacks[i]);
	}
	return stacks;
}

const char *stack_used_by(const struct thread_stack *stack)
{
	if (stack->used == UNKNOWN)
		return NULL;
	return stack->is_used_by_sp ? "sp" : "pages";
}
