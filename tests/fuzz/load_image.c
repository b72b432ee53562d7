/* SPDX-License-Identifier: MIT */
#include "load_image.h"

/* Maps the part of a range that lies above the last mapping, if there is any. */
static void map(struct facts *facts, uint64_t start, uint64_t end, uint64_t offset, uint32_t object,
		unsigned perms)
{
	uint64_t floor = facts->n_mappings > 0 ? facts->mappings[facts->n_mappings - 1].end : 0;

	if (start < floor) {
		offset += floor - start;
		start = floor;
	}
	if (start < end)
		facts_add_mapping(facts, &(struct mapping){ start, end, offset, object, (uint8_t)perms });
}

void load_image(struct facts *facts, const struct image *image, uint32_t object, uint64_t base)
{
	for (size_t i = 0; i < image->n_segments; i++) {
		const struct segment *s = &image->segments[i];
		uint64_t start = base + page_floor(s->vaddr, LOADED_PAGE);
		uint64_t file_end = base + page_ceil(s->vaddr + s->filesz, LOADED_PAGE);
		uint64_t end = base + page_ceil(s->vaddr + s->memsz, LOADED_PAGE);

		if (s->filesz > 0)
			map(facts, start, file_end, page_floor(s->offset, LOADED_PAGE), object, s->perms);
		map(facts, start, end, 0, 0, s->perms);
	}
}
