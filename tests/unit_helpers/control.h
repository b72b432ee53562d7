/* SPDX-License-Identifier: MIT */
/*
 * Control blocks of threads as C libraries have them in memory: struct pthread of glibc
 * (nptl/descr.h) and of musl (src/internal/pthread_impl.h), on several machines.
 */
#pragma once

#include "memory.h"
#include "model/facts.h"

/* Offsets in a block, in bytes. */
struct control_layout {
	size_t word_size;
	size_t selves[2]; /* its own address; the same offset twice if it is there once */
	bool has_selves;
	size_t links; /* musl: to the blocks before and after it in the ring */
	size_t tid;
	size_t list;   /* glibc: of robust futexes; the kernel knows its address */
	size_t fields; /* four words that say where the stack is */
};

extern const struct control_layout glibc_x86_64, glibc_i386, glibc_aarch64;
extern const struct control_layout musl_x86_64, musl_i386, musl_aarch64;

/*
 * glibc: stackblock, stackblock_size, guardsize, reported_guardsize; musl: map_base, map_size, stack,
 * stack_size.
 */
struct control_fields {
	uint64_t words[4];
};

/* Writes a block. */
void control_put(struct memory *memory, const struct control_layout *layout, uint64_t at, int32_t tid,
		 const struct control_fields *fields);

/* Links a block of musl to its neighbours. */
void control_link(struct memory *memory, const struct control_layout *layout, uint64_t at, uint64_t before,
		  uint64_t behind);

/* Adds a thread, in ascending order of TIDs, and the address in its block that the kernel knows. */
void control_add_thread(struct facts *facts, struct memory *memory, int32_t tid, uint64_t control);

/* Compares blocks, one per line: "START-END +GUARD TID", all numbers but the TID in hexadecimal. */
void control_expect(const struct facts *facts, const char *blocks);
