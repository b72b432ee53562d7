/* SPDX-License-Identifier: MIT */
/*
 * A process made from an input: the text of a memory map, a NUL, a struct bytes_head, and CHUNK bytes per
 * mapping, its contents if it has no name. The first HEADER bytes of a chunk appear wherever an arena's
 * heap may begin, the others at the end of the mapping, where threads have their control blocks; between
 * them are zeroes. Numbers in the map count pages, so that addresses are page-aligned like the kernel's.
 */
#pragma once

#include <stdbool.h>

#include "model/space.h"
#include "source/source.h"

#define BYTES_PAGE 4096
#define HEADER 128
#define CHUNK 1024
#define BYTES_THREADS 8
#define BYTES_PROCESS 100 /* the TIDs of its threads count up from here */

#define BYTES_NARROW 1	  /* words of 32 bits */
#define BYTES_DENIED 2	  /* memory cannot be read */
#define BYTES_NO_PAGES 4  /* there is no page map */
#define BYTES_NO_LISTS 8  /* the kernel was not asked for control blocks */
#define BYTES_SWAPPED 16  /* something is swapped */
#define BYTES_CHANGING 32 /* threads exit while they are read */

struct bytes_head {
	uint8_t flags;
	uint8_t guards; /* a bit for each of the first pages of each mapping */
	/* The control blocks that the kernel knows: a mapping, and words below its end; 0: none. */
	uint16_t controls[BYTES_THREADS];
};

struct bytes {
	struct source source; /* for the readers */
	struct space space;
	struct bytes_head head;
	const uint8_t *chunks;
	size_t len;
};

/* Returns false if the input has another form. */
bool bytes_init(struct bytes *bytes, const uint8_t *data, size_t size);
void bytes_done(struct bytes *bytes);

/* Runs the steps that follow the readers: whatever these found, the judgement must be consistent. */
void bytes_require_judgement(struct bytes *bytes);

/* Requires a thread of the process, or NO_TID. */
void bytes_require_tid(int32_t tid);
