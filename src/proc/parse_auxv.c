/* SPDX-License-Identifier: MIT */
#include "proc/parse_auxv.h"

#include <elf.h>
#include <string.h>

#include "base/util.h"

static bool parse_as(const unsigned char *bytes, size_t len, size_t width, bool big_endian, struct auxv *ret)
{
	struct auxv auxv = { .word_size = width };

	for (size_t i = 0; i < ARRAY_SIZE(auxv.values); i++)
		auxv.values[i] = UNKNOWN;
	for (size_t i = 0; i + 2 * width <= len; i += 2 * width) {
		uint64_t type = bytes_number(bytes + i, width, big_endian);
		uint64_t value = bytes_number(bytes + i + width, width, big_endian);

		if (type == AT_NULL)
			break;
		if (type == AT_PAGESZ)
			auxv.page_size = value;
		if (type < ARRAY_SIZE(auxv.values))
			auxv.values[type] = value;
	}
	/* Only the right width and byte order give a valid page size. */
	if (!is_page_size(auxv.page_size))
		return false;
	*ret = auxv;
	return true;
}

bool parse_auxv(const void *bytes, size_t len, struct auxv *ret)
{
	return parse_as(bytes, len, 8, false, ret) || parse_as(bytes, len, 4, false, ret) ||
	       parse_as(bytes, len, 8, true, ret) || parse_as(bytes, len, 4, true, ret);
}
