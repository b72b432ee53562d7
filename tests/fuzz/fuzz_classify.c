/* SPDX-License-Identifier: MIT */
/*
 * The input is a memory map, a NUL, and an ELF file that stands for every file of the map.
 * Numbers in the map count pages, so that addresses are page-aligned like the kernel's.
 */
#include <string.h>

#include "analysis/verify_regions.h"
#include "analysis/classify.h"
#include "analysis/modules.h"
#include "elf/read_image.h"
#include "fuzz.h"
#include "proc/parse_maps.h"

#define PAGE 4096
#define FILES_MAX 16 /* each holds its own image */

static void count_in_bytes(struct space *space)
{
	size_t n = 0;

	while (n < space->facts.n_mappings && space->facts.mappings[n].end <= UINT64_MAX / PAGE) {
		space->facts.mappings[n].start *= PAGE;
		space->facts.mappings[n].end *= PAGE;
		space->facts.mappings[n].offset *= PAGE;
		n++;
	}
	space->facts.n_mappings = n;
}

static void set_files(struct space *space, const uint8_t *elf, size_t size)
{
	struct image_budget budget = image_budget();

	for (size_t i = 1; i < space->facts.n_objects && i < FILES_MAX; i++) {
		struct object *object = space->facts.objects[i];

		if (object->type == OBJECT_PSEUDO)
			continue;
		object->headers = elf_image_parse(elf, size, true, &budget, &object->image) == 0 ?
					  HEADERS_FILE :
					  HEADERS_UNREADABLE;
		object->is_executable = true;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, '\0', size) : NULL;
	struct maps_parser parser;
	struct space space;
	struct error err;
	size_t used;

	if (!nul)
		return 0;
	space_init(&space);
	space.facts.page_size = PAGE;
	space.facts.process.start_brk = 0x17000;
	maps_parser_init(&parser, &space.facts, OVERLAP_SETTLE);
	if (maps_parser_feed(&parser, (const char *)data, (size_t)(nul - data), &used, &err) == 0) {
		count_in_bytes(&space);
		set_files(&space, nul + 1, size - 1 - (size_t)(nul - data));
		find_modules(&space.facts, &space.judgement);
		classify(&space.facts, false, &space.judgement);
		require(check_regions(&space, NULL) == 0);
	}
	space_done(&space);
	return 0;
}
