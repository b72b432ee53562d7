/* SPDX-License-Identifier: MIT */
/*
 * How stacks are found, in several ways one after another: each adds to facts->blocks what the
 * earlier ones have not found.
 */
#pragma once

#include <stdbool.h>

#include "model/facts.h"
#include "source/source.h"

/* A thread by its ID in its own PID namespace. */
struct inner_thread {
	int32_t tid;
	uint32_t thread; /* the index in facts.threads */
};

/* There may be tens of thousands of threads: nothing here loops over all of them for each of them. */
struct finder {
	struct source *source;
	struct facts *facts;
	uint64_t *controls; /* those that the kernel knows, sorted */
	size_t n_controls;
	struct inner_thread *inner; /* threads that have another ID in memory, sorted by that ID */
	size_t n_inner;
	bool *has_block;  /* by thread */
	bool *is_scanned; /* by mapping: searched for guards without a mapping */
	/* Threads whose memory may not be read, and whose mappings do not say where their stacks are. */
	uint32_t *unread; /* indices in facts.threads */
	size_t n_unread, cap_unread;
	size_t n_rings; /* rings that were followed */
	bool is_cut;	/* not all memory that may hold stacks was searched */
};

/* A process can have any number of mappings that may hold stacks; not all are searched. */
#define SEARCHES_MAX 1024

/* Adds the stack of a thread; NO_TID: a stack that an ended thread left behind. */
void stacks_add(struct finder *f, const struct stack_block *block, int32_t tid);

/*
 * Whether a thread (an index in facts.threads) still has its control block; to be asked last. If not, it
 * has ended meanwhile, and its stack may have become another's; or the kernel refuses to say. Then its
 * block is no longer known.
 */
bool stacks_confirm(struct finder *f, size_t thread);

/* Whether [start, end) holds a control block other than the one at `control`. */
bool stacks_hold_other(const struct finder *f, uint64_t start, uint64_t end, uint64_t control);

/*
 * Finds the stacks of threads whose control blocks the kernel knows; remembers those whose blocks
 * may not be read.
 */
void stacks_read_known(struct finder *f);

/* Finds the stacks of threads whose blocks may not be read, by guards without a mapping. */
void stacks_read_above_guards(struct finder *f);

/* If one stack's guard has no mapping, the guards of ended threads' stacks have none either: finds those. */
void stacks_find_hidden_guards(struct finder *f);

/*
 * Finds blocks that nothing points to, by their contents: in mappings that look like stacks, and
 * between guards without a mapping.
 */
void stacks_search(struct finder *f);
