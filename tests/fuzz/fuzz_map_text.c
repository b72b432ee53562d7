/* SPDX-License-Identifier: MIT */
/* The input is a pasted memory map, or anything that a user takes for one. */
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "inspect/inspect.h"
#include "snapshot/map_text.h"

static void read_with(const uint8_t *data, size_t size, const struct request *request)
{
	struct map_text map;
	struct space space;
	struct error err;
	uint64_t end = 0;

	if (map_text_open(&map, mem_copy(data, size), size, &err) == 0 &&
	    inspect(&map.source, request, &space, &err) == 0) {
		for (size_t i = 0; i < space.facts.n_mappings; i++) {
			require(space.facts.mappings[i].start >= end);
			end = space.facts.mappings[i].end;
		}
		space_done(&space);
	}
	source_close(&map.source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct request plain, figures = { .needs = NEED_COUNTER,
						       .counters = COUNTER_BIT(COUNTER_PSS),
						       .all_counters = true };

	read_with(data, size, &plain);
	read_with(data, size, &figures);
	return 0;
}
