/* SPDX-License-Identifier: MIT */
/*
 * The control block that a C library keeps for each thread, and the stack that it describes:
 * glibc's struct pthread (nptl/descr.h) and musl's (src/internal/pthread_impl.h). Their layouts
 * differ between versions and machines, so fields are recognised by how they fit together.
 */
#pragma once

#include "model/facts.h"
#include "source/source.h"

#define GLIBC_BLOCK 0x900 /* bytes in which its fields are looked for */
#define MUSL_BLOCK 0x100
#define BEFORE_LIST 16 /* bytes before the robust list: the thread ID, and a link of the list */

/* ---- memory, in words of the process's width ---- */

#define WINDOW_MAX 16384

struct window {
	uint64_t start;
	size_t word_size;
	size_t n;
	uint64_t words[WINDOW_MAX / 4];
};

void window_fill(struct window *w, const struct facts *facts, uint64_t start, const unsigned char *bytes,
		 size_t len);

/* Reads as much of [start, end) as it can, at most WINDOW_MAX bytes. False: nothing could be read. */
bool window_read(struct source *source, const struct facts *facts, uint64_t start, uint64_t end,
		 struct window *w);

/* ---- the block, at word `i` of a window ---- */

/* Whether a block of glibc's seems to begin there. */
bool control_is_glibc(const struct window *w, size_t i);

/* The stack, from fields of either library that fit together and for which the map has room. */
bool control_find_fields(const struct facts *facts, const struct window *w, size_t i,
			 struct stack_block *ret);

/*
 * The same for a glibc block around the address `inside`, with its fields somewhere from word
 * `first` to before `last`.
 */
bool control_known_fields(const struct facts *facts, const struct window *w, size_t first, size_t last,
			  uint64_t inside, struct stack_block *ret);

/*
 * The next fields that fit together, of a glibc block around the address `inside`, or of a musl
 * block at word `first`. *at: the word to look at first; set to where the next call should go on.
 */
bool control_find_glibc(const struct window *w, size_t *at, size_t last, uint64_t inside, uint64_t page_size,
			struct stack_block *ret);
bool control_find_musl(const struct window *w, size_t first, size_t *at, uint64_t page_size,
		       struct stack_block *ret);

/* Whether the map has room for such a stack. */
bool pthread_block_fits(const struct facts *facts, const struct stack_block *block);
