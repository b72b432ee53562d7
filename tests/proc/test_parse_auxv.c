/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <elf.h>
#include <endian.h>

#include "base/util.h"
#include "proc/parse_auxv.h"

Test(parse_auxv, native_words)
{
	const uint64_t words[] = { AT_PHDR, 0x400040, AT_PAGESZ, 4096, AT_NULL, 0 };
	struct auxv auxv;

	cr_assert(parse_auxv(words, sizeof(words), &auxv));
	cr_assert_eq(auxv.page_size, 4096);
}

Test(parse_auxv, any_width_and_byte_order)
{
	uint32_t narrow[] = { AT_PHDR, 0x400034, AT_PAGESZ, 65536, AT_NULL, 0 };
	uint64_t wide[] = { AT_PHDR, 0x10000040, AT_PAGESZ, 65536, AT_NULL, 0 };
	struct auxv auxv;

	for (size_t i = 0; i < ARRAY_SIZE(narrow); i++)
		narrow[i] = htole32(narrow[i]);
	cr_assert(parse_auxv(narrow, sizeof(narrow), &auxv));
	cr_assert_eq(auxv.word_size, 4);
	for (size_t i = 0; i < ARRAY_SIZE(narrow); i++)
		narrow[i] = htobe32(le32toh(narrow[i]));
	cr_assert(parse_auxv(narrow, sizeof(narrow), &auxv));
	cr_assert_eq(auxv.page_size, 65536);
	cr_assert_eq(auxv.word_size, 4);
	for (size_t i = 0; i < ARRAY_SIZE(wide); i++)
		wide[i] = htobe64(wide[i]);
	cr_assert(parse_auxv(wide, sizeof(wide), &auxv));
	cr_assert_eq(auxv.page_size, 65536);
	cr_assert_eq(auxv.word_size, 8);
}

Test(parse_auxv, what_follows_the_end_does_not_count)
{
	const uint64_t words[] = { AT_PAGESZ, 4096, AT_NULL, 0, AT_PAGESZ, 8192 };
	struct auxv auxv;

	cr_assert(parse_auxv(words, sizeof(words), &auxv));
	cr_assert_eq(auxv.page_size, 4096);
}

Test(parse_auxv, without_a_page_size_it_is_none)
{
	const uint64_t words[] = { AT_PHDR, 0x400040, AT_NULL, 0 };
	const uint64_t odd[] = { AT_PAGESZ, 4097, AT_NULL, 0 };
	struct auxv auxv;

	cr_assert_not(parse_auxv(words, sizeof(words), &auxv));
	cr_assert_not(parse_auxv(odd, sizeof(odd), &auxv));
	cr_assert_not(parse_auxv("", 0, &auxv));
}
