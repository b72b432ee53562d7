/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "proc/parse_auxv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct auxv auxv;

	if (parse_auxv(data, size, &auxv)) {
		require(auxv.page_size >= 1024);
		require((auxv.page_size & (auxv.page_size - 1)) == 0);
	}
	return 0;
}
