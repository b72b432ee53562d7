/* SPDX-License-Identifier: MIT */
/* The input is an argument of --at or --range. */
#include <string.h>

#include "base/mem.h"
#include "base/util.h"
#include "fuzz.h"
#include "inspect/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = mem_copy((const char *)data, size);
	struct query query;
	uint64_t number;

	if (query_parse(text, &query)) {
		require(query.what_len > 0 && query.what >= text);
		require(query.what + query.what_len <= text + strlen(text));
		require(!query.module || query.module + query.module_len < query.what);
	}
	query_is_valid(text);
	/* If both functions read hexadecimal, they agree. */
	if (query_address(text, strlen(text), &number) && text[0] == '0') {
		uint64_t other;

		require(strlen(text) == 1 || query_number(text, strlen(text), &other) != IS_NUMBER ||
			other == number);
	}
	return 0;
}
