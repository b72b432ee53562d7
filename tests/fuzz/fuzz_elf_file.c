/* SPDX-License-Identifier: MIT */
/* The input is an ELF file, which must answer every request that a file can answer. */
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/verify_regions.h"
#include "elf/elf_file.h"
#include "fuzz.h"
#include "inspect/inspect.h"
#include "model/finding.h"

static const char *const queries[] = { "main", "0x1000", "elf:_start" };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request = {
		.needs = NEED_FILE_STATE | NEED_THREADS | NEED_LIMITS | NEED_TOTALS | NEED_SECTIONS |
			 NEED_CUTS | NEED_LOOKUPS | NEED_BUILD_ID | NEED_CHECKS,
		.queries = queries,
		.n_queries = ARRAY_SIZE(queries),
		.checks = UINT64_MAX,
		.tid = NO_TID,
	};
	int fd = memfd_create("elf", MFD_CLOEXEC);
	struct elf_file file;
	struct space space;
	struct error err;

	require(write(fd, data, size) == (ssize_t)size);
	elf_file_init(&file, fd, "elf");
	if (inspect(&file.source, &request, &space, &err) == 0) {
		require(check_regions(&space, NULL) == 0);
		require(space.facts.elf.word_size == 4 || space.facts.elf.word_size == 8);
		space_done(&space);
	}
	close(fd);
	return 0;
}
