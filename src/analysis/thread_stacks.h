/* SPDX-License-Identifier: MIT */
/*
 * Each thread with its stack, put together from threads and regions.
 */
#pragma once

#include "model/space.h"

/* Fills judgement->stacks, after classify(). */
void find_stack_ranges(const struct facts *facts, struct judgement *judgement);

struct thread_stack {
	const struct thread *thread;
	uint64_t start, end; /* above the guard; UNKNOWN: not found */
	uint64_t guard;	     /* bytes right below it that protect it; UNKNOWN: not known */
	uint64_t used, free; /* UNKNOWN: not known */
	bool is_used_by_sp;  /* `used` comes from the stack pointer; else from the pages that were touched */
};

/* One for each of space->facts.threads, in order; the caller frees it. */
struct thread_stack *find_stacks(const struct space *space);

/*
 * How `used` is known: "sp" or "pages". "elsewhere": unknown, as the stack pointer is not in the
 * stack; NULL: unknown.
 */
const char *stack_used_by(const struct thread_stack *stack);

/* "sleeping" for 'S' and so on; NULL for an unknown letter. */
const char *thread_state_name(char state);

/* The letter of a state's name; 0: no state has that name. */
char thread_state_letter(const char *name);
