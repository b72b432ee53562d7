/* SPDX-License-Identifier: MIT */
/*
 * A source made of bytes: memory, a page map and what the kernel knows of threads, without a process.
 */
#pragma once

#include "source/source.h"

#define MEMORY_PAGE 4096
#define MEMORY_PARTS 64
#define MEMORY_WORDS 64

struct memory {
	struct source source; /* to be asked */
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

/* Bytes that can be read at an address; their pages are present. */
void memory_add(struct memory *memory, uint64_t start, const void *bytes, size_t len);

/* Zeroes that can be read at an address, for memory_put() to write to. */
void memory_add_zeroes(struct memory *memory, uint64_t start, size_t len);
void memory_put(struct memory *memory, uint64_t addr, size_t word_size, uint64_t value);

/* The word that the page map has for a page. Pages come by ascending address. */
void memory_map_page(struct memory *memory, uint64_t page, uint64_t word);

/* The address inside its control block that the kernel knows of a thread. */
void memory_add_thread(struct memory *memory, int32_t tid, uint64_t control);
