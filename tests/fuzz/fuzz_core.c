/* SPDX-License-Identifier: MIT */
/* The input is a core file, which must answer every request that a core file can answer. */
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/verify_regions.h"
#include "core/core_source.h"
#include "fuzz.h"
#include "inspect/inspect.h"

static const char *const queries[] = { "fault", "main", "0x1000" };

static void require_dumped(const struct space *space)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < space->judgement.n_regions; i++) {
		const struct region *region = &space->judgement.regions[i];
		uint64_t dumped = facts_dumped(&space->facts, region->start, region->end);

		require(dumped <= region->end - region->start);
		sum += dumped;
	}
	require(sum <= facts_dumped(&space->facts, 0, UINT64_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request = {
		.needs = NEED_FILE_STATE | NEED_THREADS | NEED_LIMITS | NEED_TOTALS | NEED_VDSO |
			 NEED_SECTIONS | NEED_CUTS | NEED_LOOKUPS | NEED_BUILD_ID | NEED_ARENA_USERS,
		.queries = queries,
		.n_queries = ARRAY_SIZE(queries),
		.tid = NO_TID,
	};
	int fd = memfd_create("core", MFD_CLOEXEC);
	struct core_source core;
	struct space space;
	struct error err;

	require(write(fd, data, size) == (ssize_t)size);
	/* A root without files: no file of this machine stands in for one that the core file names. */
	if (core_source_open(&core, fd, "core", "/proc/self/fdinfo", &err) == 0) {
		require(inspect(&core.source, &request, &space, &err) == 0);
		require(check_regions(&space, NULL) == 0);
		require_dumped(&space);
		space_done(&space);
		source_close(&core.source);
	}
	close(fd);
	return 0;
}
