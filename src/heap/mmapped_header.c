/* SPDX-License-Identifier: MIT */
#include "heap/mmapped_header.h"

#define FLAGS 7
#define IS_MAPPED 2
#define HAS_HUGE_PAGES 1 /* in the first word, since glibc 2.43 */

static uint64_t whole_size(uint64_t offset, const uint64_t header[2])
{
	return (header[1] & ~(uint64_t)FLAGS) + offset;
}

bool mmapped_leaves_header_out(uint64_t offset, const uint64_t header[2], uint64_t page_size)
{
	return whole_size(offset, header) % page_size != 0;
}

uint64_t mmapped_size(uint64_t offset, const uint64_t header[2], size_t word_size, uint64_t page_size,
		      uint64_t room)
{
	uint64_t size = whole_size(offset, header);

	if ((header[1] & FLAGS) != IS_MAPPED || (header[0] & ~(uint64_t)HAS_HUGE_PAGES) != offset)
		return 0;
	if (mmapped_leaves_header_out(offset, header, page_size))
		size += 2 * word_size;
	/* The kernel merges neighbours, so one mapping may hold several blocks. */
	return size >= page_size && size % page_size == 0 && size <= room ? size : 0;
}
