/* SPDX-License-Identifier: MIT */
#include "proc/parse_auxv.h"

#include <elf.h>
#include <string.h>

#define PAGE_SIZE_MAX (UINT64_C(1) << 24)

static uint64_t take_word(const unsigned char *p, size_t width, bool big_endian)
{
	uint64_t value = 0;

	for (size_t i = 0; i < width; i++)
		value = value << 8 | p[big_endian ? i : width - 1 - i];
	return value;
}

static bool parse_as(const unsigned char *bytes, size_t len, size_t width, bool big_endian, struct auxv *ret)
{
	struct auxv auxv = { .word_size = width };

	for (size_t i = 0; i + 2 * width <= len; i += 2 * width) {
		uint64_t type = take_word(bytes + i, width, big_endian);
		uint64_t value = take_word(bytes + i + width, width, big_endian);

		if (type == AT_PAGESZ)
			auxv.page_size = value;
		else if (type == AT_NULL)
			break;
	}
	/* Only the right width and order make a page size that is one. */
	if (auxv.page_size < 1024 || auxv.page_size > PAGE_SIZE_MAX ||
	    (auxv.page_size & (auxv.page_size - 1)) != 0)
		return false;
	*ret = auxv;
	return true;
}

bool parse_auxv(const void *bytes, size_t len, struct auxv *ret)
{
	return parse_as(bytes, len, 8, false, ret) || parse_as(bytes, len, 4, false, ret) ||
	       parse_as(bytes, len, 8, true, ret) || parse_as(bytes, len, 4, true, ret);
}
