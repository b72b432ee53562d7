/* SPDX-License-Identifier: MIT */
/*
 * Guards of stacks: pages without access below a stack, in a mapping of their own or
 * (MADV_GUARD_INSTALL, glibc 2.42) without one.
 */
#pragma once

#include "model/facts.h"
#include "source/source.h"

/* A larger guard may hold something else as well. */
#define GUARD_MAX (1 << 20)

/*
 * Adds the guards in `m` that have no mapping of their own to facts->hidden_guards, which the
 * caller sorts. Neighbouring stacks with such guards are one mapping; the page map shows the guards
 * even if memory may not be read.
 */
void stack_find_hidden_guards(struct source *source, struct facts *facts, const struct mapping *m);

/* The last of facts->hidden_guards below an address and in the same mapping; or NULL. */
const struct hidden_guard *stack_hidden_guard_below(const struct facts *facts, uint64_t addr);

/* If a stack has no guard, adds the one that the program has put there. */
void stack_add_guard(struct source *source, const struct facts *facts, struct stack_block *block);
