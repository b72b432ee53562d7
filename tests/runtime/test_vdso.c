/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "elf_file.h"
#include "memory.h"
#include "runtime/vdso.h"
#include "space.h"

#define VDSO UINT64_C(0x7ffff7fc1000)
#define MAP                                                        \
	"7ffff7fbd000-7ffff7fc1000 r--p 00000000 00:00 0 [vvar]\n" \
	"7ffff7fc1000-7ffff7fc3000 r-xp 00000000 00:00 0 [vdso]\n"

/* ELF_FILE_SIZE: two pages. */
static const Elf64_Phdr segment = {
	.p_type = PT_LOAD,
	.p_flags = PF_R | PF_X,
	.p_filesz = ELF_FILE_SIZE,
	.p_memsz = ELF_FILE_SIZE,
	.p_align = 0x1000,
};

static unsigned char image[ELF_FILE_SIZE];
static struct space space;
static struct memory memory;

static void make(const char *maps)
{
	const struct elf_file file = { .type = ET_DYN, .segments = &segment, .n_segments = 1 };

	elf_file_write(&file, image);
	space_map(&space, maps);
	memory_init(&memory);
}

static void tear_down(void)
{
	memory_done(&memory);
	space_done(&space);
}

TestSuite(vdso, .fini = tear_down);

static const struct mapping *vdso(void)
{
	return &space.facts.mappings[space_object(&space, "[vdso]")->first];
}

Test(vdso, its_image_is_read_from_memory)
{
	const struct object *object;

	make(MAP);
	memory_add(&memory, VDSO, image, sizeof(image));
	read_vdso(&memory.source, &space.facts);
	object = space_object(&space, "[vdso]");
	cr_assert_eq(object->headers, HEADERS_MEMORY);
	cr_assert_eq(object->image->n_segments, 1);
	cr_assert_eq(object->image->segments[0].memsz, ELF_FILE_SIZE);
	cr_assert_eq(space_object(&space, "[vvar]")->headers, HEADERS_NONE);
}

Test(vdso, its_bytes_are_those_in_memory)
{
	_cleanup_free_ char *bytes = NULL;
	size_t len;

	make(MAP);
	memory_add(&memory, VDSO, image, sizeof(image));
	bytes = read_vdso_bytes(&memory.source, &space.facts, vdso(), false, &len);
	cr_assert_not_null(bytes);
	cr_assert_eq(len, sizeof(image));
	cr_assert_arr_eq(bytes, image, sizeof(image));
}

Test(vdso, pages_that_cannot_be_read_are_zeroes_behind_a_first_one)
{
	static const unsigned char zeroes[4096];
	_cleanup_free_ char *bytes = NULL;
	size_t len;

	make(MAP);
	memory_add(&memory, VDSO, image, 4096);
	bytes = read_vdso_bytes(&memory.source, &space.facts, vdso(), false, &len);
	cr_assert_not_null(bytes);
	cr_assert_arr_eq(bytes, image, 4096);
	cr_assert_arr_eq(bytes + 4096, zeroes, 4096);
}

Test(vdso, without_its_first_page_it_is_not_read)
{
	size_t len;

	make(MAP);
	memory_add(&memory, VDSO + 4096, image + 4096, sizeof(image) - 4096);
	cr_assert_null(read_vdso_bytes(&memory.source, &space.facts, vdso(), false, &len));
	read_vdso(&memory.source, &space.facts);
	cr_assert_eq(space_object(&space, "[vdso]")->headers, HEADERS_NONE);
	memory.is_denied = true;
	cr_assert_null(read_vdso_bytes(&memory.source, &space.facts, vdso(), true, &len));
}

Test(vdso, what_is_no_elf_image_has_none)
{
	make(MAP);
	memset(image, 0x7f, sizeof(image));
	memory_add(&memory, VDSO, image, sizeof(image));
	read_vdso(&memory.source, &space.facts);
	cr_assert_eq(space_object(&space, "[vdso]")->headers, HEADERS_NONE);
	cr_assert_null(space_object(&space, "[vdso]")->image);
}

Test(vdso, one_that_is_larger_than_any_is_not_read)
{
	size_t len;

	make("7ffff7fc1000-7ffff80c2000 r-xp 00000000 00:00 0 [vdso]\n");
	memory_add_zeroes(&memory, VDSO, 0x101000);
	cr_assert_null(read_vdso_bytes(&memory.source, &space.facts, vdso(), true, &len));
	cr_assert_eq(memory.n_reads, 0);
	tear_down();
	make("7ffff7fc1000-7ffff80c1000 r-xp 00000000 00:00 0 [vdso]\n");
	memory_add_zeroes(&memory, VDSO, 0x100000);
	free(read_vdso_bytes(&memory.source, &space.facts, vdso(), true, &len));
	cr_assert_eq(len, 0x100000);
}

/* The pages of another machine may be smaller than ours. */
Test(vdso, one_of_less_than_a_page_is_read_up_to_its_end)
{
	_cleanup_free_ char *bytes = NULL;
	size_t len;

	make("7ffff7fc1000-7ffff7fc1800 r-xp 00000000 00:00 0 [vdso]\n");
	memory_add(&memory, VDSO, image, sizeof(image));
	bytes = read_vdso_bytes(&memory.source, &space.facts, vdso(), false, &len);
	cr_assert_not_null(bytes);
	cr_assert_eq(len, 0x800);
	cr_assert_arr_eq(bytes, image, 0x800);
}

Test(vdso, a_label_that_nothing_is_mapped_at_any_more_is_passed_over)
{
	make(MAP);
	memory_add(&memory, VDSO, image, sizeof(image));
	space_object(&space, "[vdso]")->first = NO_MAPPING;
	read_vdso(&memory.source, &space.facts);
	cr_assert_eq(space_object(&space, "[vdso]")->headers, HEADERS_NONE);
}

Test(vdso, a_file_of_that_name_is_a_file)
{
	make("7ffff7fc1000-7ffff7fc3000 r-xp 00000000 fe:00 7 [vdso]\n");
	memory_add(&memory, VDSO, image, sizeof(image));
	read_vdso(&memory.source, &space.facts);
	cr_assert_eq(memory.n_reads, 0);
}

/* ---- a process of this system, with pages of the image that were never touched ---- */

/* Address and length of our own vdso; false: there is no 64-bit one of at least two pages. */
static bool has_own(const unsigned char **ret, size_t *ret_len)
{
	const Elf64_Ehdr *header = (const void *)getauxval(AT_SYSINFO_EHDR);

	if (!header || header->e_ident[EI_CLASS] != ELFCLASS64)
		return false;
	*ret = (const void *)header;
	*ret_len = (size_t)page_ceil(header->e_shoff + (uint64_t)header->e_shnum * header->e_shentsize,
				     (uint64_t)sysconf(_SC_PAGESIZE));
	return *ret_len >= 2 * (size_t)sysconf(_SC_PAGESIZE);
}

static char *read_half(const unsigned char *half, size_t len, bool is_native)
{
	char maps[80];
	size_t n;

	snprintf(maps, sizeof(maps), "%llx-%llx r-xp 00000000 00:00 0 [vdso]\n", (unsigned long long)VDSO,
		 (unsigned long long)VDSO + len);
	make(maps);
	memory.source.is_native = is_native;
	memory_add(&memory, VDSO, half, (size_t)sysconf(_SC_PAGESIZE));
	return read_vdso_bytes(&memory.source, &space.facts, vdso(), false, &n);
}

Test(vdso, pages_that_are_missing_are_as_in_our_own)
{
	const unsigned char *own;
	_cleanup_free_ char *bytes = NULL;
	size_t len;

	if (!has_own(&own, &len))
		cr_skip_test("this process has no vdso of two pages and 64 bits");
	bytes = read_half(own, len, true);
	cr_assert_not_null(bytes);
	cr_assert_arr_eq(bytes, own, len);
}

/* Expects the first page, and zeroes after it. */
static void expect_half(const char *bytes, const unsigned char *half, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	cr_assert_not_null(bytes);
	cr_assert_arr_eq(bytes, half, page);
	for (size_t i = page; i < len; i++)
		cr_assert_eq(bytes[i], 0);
}

Test(vdso, pages_that_are_missing_are_not_as_in_ours_where_others_differ)
{
	_cleanup_free_ char *bytes = NULL;
	const unsigned char *own;
	_cleanup_free_ unsigned char *other = malloc((size_t)sysconf(_SC_PAGESIZE));
	size_t len;

	if (!has_own(&own, &len))
		cr_skip_test("this process has no vdso of two pages and 64 bits");
	memcpy(other, own, (size_t)sysconf(_SC_PAGESIZE));
	other[sysconf(_SC_PAGESIZE) - 1] ^= 1;
	bytes = read_half(other, len, true);
	expect_half(bytes, other, len);
}

Test(vdso, a_recording_has_nothing_to_do_with_our_own)
{
	_cleanup_free_ char *bytes = NULL;
	const unsigned char *own;
	size_t len;

	if (!has_own(&own, &len))
		cr_skip_test("this process has no vdso of two pages and 64 bits");
	bytes = read_half(own, len, false);
	expect_half(bytes, own, len);
}
