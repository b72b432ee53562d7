/* SPDX-License-Identifier: MIT */
/*
 * A process made of an input: the text of a memory map, a NUL, a struct bytes_head, and what its nameless
 * mappings hold, CHUNK bytes each. The first HEADER of these are found wherever the heap of an arena may
 * begin, the others at the end of the mapping, where control blocks of threads are; between them are zeroes.
 * Numbers in the map count pages: none can lie inside of one, as with the kernel.
 */
#pragma once

#include <stdbool.h>

#include "model/space.h"
#include "source/source.h"

#define BYTES_PAGE 4096
#define HEADER 128
#define CHUNK 1024
#define BYTES_THREADS 8
#define BYTES_PROCESS 100 /* its threads have the numbers after this one */

#define BYTES_NARROW 1	  /* words of 32 bits */
#define BYTES_DENIED 2	  /* memory may not be read */
#define BYTES_NO_PAGES 4  /* there is no page map */
#define BYTES_NO_LISTS 8  /* the kernel was not asked for control blocks */
#define BYTES_SWAPPED 16  /* something is swapped */
#define BYTES_CHANGING 32 /* threads end while they are looked at */

struct bytes_head {
	uint8_t flags;
	uint8_t guards; /* a bit for each of the first pages of each mapping */
	/* Where the kernel says that a thread's control block is: a mapping, and words below its end; 0: nowhere. */
	uint16_t controls[BYTES_THREADS];
};

struct bytes {
	struct source source; /* to be asked */
	struct space space;
	struct bytes_head head;
	const uint8_t *chunks;
	size_t len;
};

/* False where the input is no such thing. */
bool bytes_init(struct bytes *bytes, const uint8_t *data, size_t size);
void bytes_done(struct bytes *bytes);

/* What comes after the readers: whatever they found, it must be possible to make sense of the map. */
void bytes_require_judgement(struct bytes *bytes);

/* Requires a thread of the process, or NO_TID. */
void bytes_require_tid(int32_t tid);
