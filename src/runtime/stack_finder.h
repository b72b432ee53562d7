/* SPDX-License-Identifier: MIT */
/*
 * How stacks are found, one way after another: each adds to facts->blocks what those before it have not found.
 */
#pragma once

#include <stdbool.h>

#include "model/facts.h"
#include "source/source.h"

/* A thread by its number in its own PID namespace. */
struct inner_thread {
	int32_t tid;
	uint32_t thread; /* the index in facts.threads */
};

/* There may be tens of thousands of threads: nothing is looked for among all of them for each of them. */
struct finder {
	struct source *source;
	struct facts *facts;
	uint64_t *controls; /* that the kernel knows, sorted */
	size_t n_controls;
	struct inner_thread *inner; /* those that memory numbers otherwise, sorted by that number */
	size_t n_inner;
	bool *has_block;  /* by thread */
	bool *is_scanned; /* by mapping, for guards without one */
	/* Threads whose memory may not be read, and whose mappings do not say where their stacks are. */
	uint32_t *unread; /* indices in facts.threads */
	size_t n_unread, cap_unread;
	size_t n_rings; /* that were followed */
};

/* A process can have any number of mappings that may hold stacks; not all can be looked into. */
#define SEARCHES_MAX 1024

/* The block of a thread, or one that was left behind by NO_TID. */
void stacks_add(struct finder *f, const struct stack_block *block, int32_t tid);

/* Whether [start, end) holds the block of another thread than the one at `control`. */
bool stacks_hold_other(const struct finder *f, uint64_t start, uint64_t end, uint64_t control);

/* Of threads whose control blocks the kernel knows; remembers those whose blocks may not be read. */
void stacks_read_known(struct finder *f);

/* Of those whose blocks may not be read, by guards without a mapping. */
void stacks_read_above_guards(struct finder *f);

/* Where one stack's guard leaves no mapping, those of ended threads do not either. */
void stacks_find_hidden_guards(struct finder *f);

/*
 * Blocks that nothing points to, by what they contain: in mappings that look like stacks, and between guards
 * without a mapping.
 */
void stacks_search(struct finder *f);
