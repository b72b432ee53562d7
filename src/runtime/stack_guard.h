/* SPDX-License-Identifier: MIT */
/*
 * Guards of stacks: pages without access below them, in a mapping of their own or (MADV_GUARD_INSTALL,
 * glibc 2.42) without one.
 */
#pragma once

#include "model/facts.h"
#include "source/source.h"

/* A guard that is larger than this may hold something else as well. */
#define GUARD_MAX (1 << 20)

/*
 * Where memory may not be read: the stack from the last guard without a mapping below `control`, an
 * address inside the thread's control block, which `m` holds. False when there is none.
 */
bool stack_has_hidden_guard(struct source *source, const struct facts *facts, const struct mapping *m,
			    uint64_t control, struct stack_block *ret);

/* Adds to a stack without a guard the one that the program has put there. */
void stack_add_guard(struct source *source, const struct facts *facts, struct stack_block *block);
