/* SPDX-License-Identifier: MIT */
/*
 * The input is a symbol's name.
 */
#include <string.h>

#include "base/mem.h"
#include "elf/demangle.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = mem_copy(data, size);
	char *readable = demangle(name);

	require(!readable || readable[0]);
	free(readable);
	free(name);
	return 0;
}
