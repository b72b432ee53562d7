/* SPDX-License-Identifier: MIT */
/*
 * Control blocks of threads as C libraries have them in memory: struct pthread of glibc
 * (nptl/descr.h) and of musl (src/internal/pthread_impl.h), on several machines.
 */
#pragma once

#include "memory.h"
#include "model/facts.h"

/* Where a block has what, in bytes. */
struct control_layout {
	size_t word_size;
	size_t selves[2]; /* its own address; the same place twice where it has it once */
	bool has_selves;
	size_t links; /* musl: to the blocks before and behind it in the ring */
	size_t tid;
	size_t list;   /* glibc: of robust futexes, of which the kernel knows the address */
	size_t fields; /* four words that say where the stack is */
};

extern const struct control_layout glibc_x86_64, glibc_i386, glibc_aarch64;
extern const struct control_layout musl_x86_64, musl_i386, musl_aarch64;

/* The fields: stackblock, stackblock_size, guardsize, reported_guardsize; or map_base, map_size, stack, stack_size. */
struct control_fields {
	uint64_t words[4];
};

/* Writes a block. */
void control_put(struct memory *memory, const struct control_layout *layout, uint64_t at, int32_t tid,
		 const struct control_fields *fields);

/* Links one of musl's to its neighbours. */
void control_link(struct memory *memory, const struct control_layout *layout, uint64_t at, uint64_t before,
		  uint64_t behind);

/* Adds a thread, by ascending number, and what the kernel knows of it. */
void control_add_thread(struct facts *facts, struct memory *memory, int32_t tid, uint64_t control);

/* Compares blocks, one a line: "START-END +GUARD TID", numbers but the last in hexadecimal. */
void control_expect(const struct facts *facts, const char *blocks);
