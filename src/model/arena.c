/* SPDX-License-Identifier: MIT */
#include "model/arena.h"

bool arena_header_fits(const struct arena_header *header, uint64_t start, uint64_t end, uint64_t room,
		       uint64_t page_size)
{
	bool is_first = (header->arena & ~(room - 1)) == start;

	return header->size > 0 && header->size <= room && header->size % page_size == 0 &&
	       header->protected_size <= end - start && header->protected_size >= header->size &&
	       header->protected_size <= room && header->protected_size % page_size == 0 &&
	       arena_may_be_at(header->arena, room) && is_first == (header->previous == 0) &&
	       (header->previous & (room - 1)) == 0;
}
