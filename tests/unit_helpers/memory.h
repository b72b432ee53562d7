/* SPDX-License-Identifier: MIT */
/*
 * A source made of bytes: memory, a page map and what the kernel knows about threads, without a process.
 */
#pragma once

#include "source/source.h"

#define MEMORY_PAGE 4096
#define MEMORY_PARTS 64
#define MEMORY_WORDS 64

struct memory {
	struct source source; /* for the tested code */
	struct {
		uint64_t start;
		size_t len;
		const void *bytes; /* borrowed, or `owned` */
		unsigned char *owned;
	} parts[MEMORY_PARTS];
	size_t n_parts;
	struct {
		uint64_t page, word;
	} words[MEMORY_WORDS]; /* by ascending page */
	size_t n_words;
	struct {
		int32_t tid;
		uint64_t control;
	} threads[MEMORY_PARTS];
	size_t n_threads;
	bool is_denied;	    /* no memory may be read */
	bool pages_missing; /* there is no page map */
	size_t n_reads;	    /* calls that have read memory */
};

void memory_init(struct memory *memory);
void memory_done(struct memory *memory);

/* Adds bytes that can be read at an address; their pages are present. */
void memory_add(struct memory *memory, uint64_t start, const void *bytes, size_t len);

/* Adds zeroes that can be read at an address, and that memory_put() overwrites. */
void memory_add_zeroes(struct memory *memory, uint64_t start, size_t len);
void memory_put(struct memory *memory, uint64_t addr, size_t word_size, uint64_t value);

/* Sets the word of a page in the page map. Pages must come in ascending order. */
void memory_map_page(struct memory *memory, uint64_t page, uint64_t word);

/* Sets the address that the kernel knows in a thread's control block. */
void memory_add_thread(struct memory *memory, int32_t tid, uint64_t control);
