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
	uint64_t guard;	     /* bytes right below it that protect it; UNKNOWN with the stack */
	uint64_t used, free; /* UNKNOWN where that is not known */
	bool is_used_by_sp;  /* by the stack pointer; else by the pages that were touched */
};

/* One for each of space->facts.threads, in order; the caller frees it. */
struct thread_stack *find_stacks(const struct space *space);

/* How its use is known: "sp", "pages"; "elsewhere": not, since the stack pointer is not in it; NULL: not. */
const char *stack_used_by(const struct thread_stack *stack);

/* "sleeping" for 'S' and so on; NULL for what is not known. */
const char *thread_state_name(char state);

/* The letter of such a name; 0 where there is none. */
char thread_state_letter(const char *name);
