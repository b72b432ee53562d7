/* SPDX-License-Identifier: MIT */
/*
 * The header of a block that malloc maps separately (struct malloc_chunk in malloc/malloc.c): two
 * words, the header's offset from the start of the mapping, and the size with flags.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * M_MMAP_THRESHOLD is never less, unless a program lowers it. Looking at thousands of small
 * mappings would take as long as everything else that is done for them.
 */
#define MMAPPED_SIZE_MIN ((uint64_t)128 << 10)

/* The offset of a header at the start of a mapping: user data is aligned to 16 bytes. */
static inline uint64_t mmapped_first_offset(size_t word_size)
{
	return 16 - 2 * word_size;
}

/*
 * How many bytes a block takes from the start of its mapping, if its header is `offset` bytes after
 * that start: whole pages, at most `room` bytes. 0: there is no block.
 */
uint64_t mmapped_size(uint64_t offset, const uint64_t header[2], size_t word_size, uint64_t page_size,
		      uint64_t room);

/* Whether the size in a header leaves out the header itself, as it does since glibc 2.43. */
bool mmapped_leaves_header_out(uint64_t offset, const uint64_t header[2], uint64_t page_size);
