/* SPDX-License-Identifier: MIT */
/*
 * What malloc writes before a block that it maps by itself (struct malloc_chunk in malloc/malloc.c): two words, how far
 * behind the start of the mapping they are, and the size with flags.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * M_MMAP_THRESHOLD is never less, unless a program lowers it. To look at thousands of small mappings would take as
 * long as all else that is done for them.
 */
#define MMAPPED_SIZE_MIN ((uint64_t)128 << 10)

/* The header of what begins with its mapping stands so that what the program gets is aligned to 16 bytes. */
static inline uint64_t mmapped_first_offset(size_t word_size)
{
	return 16 - 2 * word_size;
}

/*
 * How many bytes from the start of a mapping a block takes whose header is `offset` bytes behind that start; 0:
 * there is no block. It fills whole pages, at most `room` bytes.
 */
uint64_t mmapped_size(uint64_t offset, const uint64_t header[2], size_t word_size, uint64_t page_size,
		      uint64_t room);

/* Whether its size leaves out as much as a header takes, as it does since glibc 2.43. */
bool mmapped_leaves_header_out(uint64_t offset, const uint64_t header[2], uint64_t page_size);
