/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/util.h"
#include "elf/build_id.h"
#include "elf/read_image.h"
#include "elf_file.h"

#define LOAD(flags, offset, vaddr, filesz, memsz)                         \
	{                                                                 \
		PT_LOAD, flags, offset, vaddr, vaddr, filesz, memsz, 4096 \
	}

static const Elf64_Phdr segments[] = {
	{ PT_PHDR, PF_R, 0x40, 0x40, 0x40, 0x200, 0x200, 8 },
	LOAD(PF_R, 0, 0, 0x628, 0x628),
	LOAD(PF_R | PF_X, 0x1000, 0x1000, 0x1d1, 0x1d1),
	LOAD(PF_R | PF_W, 0x2dd8, 0x3dd8, 0x260, 0x2268),
	{ PT_GNU_RELRO, PF_R, 0x2dd8, 0x3dd8, 0x3dd8, 0x228, 0x228, 1 },
	{ PT_GNU_EH_FRAME, PF_R, 0x500, 0x500, 0x500, 0x40, 0x40, 4 },
	{ PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0, 16 },
};

static const struct elf_file program = {
	.type = ET_DYN,
	.segments = segments,
	.n_segments = ARRAY_SIZE(segments),
};

/* Reads the bytes as a file. */
static int read_bytes(const unsigned char *bytes, size_t len, struct image **ret)
{
	_cleanup_close_ int fd = memfd_create("elf", MFD_CLOEXEC);
	struct image_budget budget = image_budget();

	cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
	return elf_image_read(fd, false, &budget, ret);
}

static struct image *read_file(const struct elf_file *file)
{
	unsigned char bytes[ELF_FILE_SIZE];
	struct image *image = NULL;

	elf_file_write(file, bytes);
	cr_assert_eq(read_bytes(bytes, sizeof(bytes), &image), 0);
	return image;
}

static void expect_refused(const struct elf_file *file, int code)
{
	unsigned char bytes[ELF_FILE_SIZE];
	struct image_budget budget = image_budget();
	struct image *image = NULL;

	elf_file_write(file, bytes);
	cr_expect_eq(read_bytes(bytes, sizeof(bytes), &image), code);
	cr_expect_eq(elf_image_parse(bytes, sizeof(bytes), false, &budget, &image), code);
	cr_expect_null(image);
}

static void expect_program(const struct image *image)
{
	cr_assert_eq(image->n_segments, 3);
	cr_assert_eq(image->segments[0].vaddr, 0);
	cr_assert_eq(image->segments[0].perms, PERM_R);
	cr_assert_eq(image->segments[1].vaddr, 0x1000);
	cr_assert_eq(image->segments[1].perms, PERM_R | PERM_X);
	cr_assert_eq(image->segments[2].vaddr, 0x3dd8);
	cr_assert_eq(image->segments[2].offset, 0x2dd8);
	cr_assert_eq(image->segments[2].filesz, 0x260);
	cr_assert_eq(image->segments[2].memsz, 0x2268);
	cr_assert_eq(image->segments[2].perms, PERM_R | PERM_W);
	cr_assert_eq(image->relro_start, 0x3dd8);
	cr_assert_eq(image->relro_end, 0x4000);
	cr_assert_eq(image->n_sections, 0);
}

/* Headers after the last byte given are neither made up nor skipped. */
Test(read_image, from_its_start)
{
	unsigned char bytes[ELF_FILE_SIZE];
	size_t headers_end = sizeof(Elf64_Ehdr) + ARRAY_SIZE(segments) * sizeof(Elf64_Phdr);
	struct image *image = NULL;

	elf_file_write(&program, bytes);
	for (size_t len = 0; len < headers_end; len++)
		cr_expect_lt(elf_image_parse_start(bytes, len, &image), 0, "%zu bytes", len);
	cr_expect_eq(elf_image_parse_start(bytes, headers_end - 1, &image), -ENODATA);
	cr_assert_null(image);
	cr_assert_eq(elf_image_parse_start(bytes, headers_end, &image), 0);
	expect_program(image);
	image_free(image);
}

/* Code and constants share a segment: sections may tell them apart, but lie elsewhere in the file. */
Test(read_image, from_its_start_with_a_question)
{
	static const Elf64_Phdr one[] = { LOAD(PF_R | PF_X, 0, 0, 0x1628, 0x1628) };
	static const struct elf_file file = { .type = ET_DYN, .segments = one, .n_segments = 1 };
	unsigned char bytes[ELF_FILE_SIZE];
	struct image *image = NULL;

	elf_file_write(&file, bytes);
	cr_expect_eq(elf_image_parse_start(bytes, sizeof(bytes), &image), -ENODATA);
	cr_assert_null(image);
}

Test(read_image, any_width_and_byte_order)
{
	for (int i = 0; i < 4; i++) {
		struct elf_file file = program;
		struct image *image;

		file.narrow = i & 1;
		file.big_endian = i & 2;
		image = read_file(&file);
		expect_program(image);
		image_free(image);
	}
}

Test(read_image, from_memory)
{
	unsigned char bytes[ELF_FILE_SIZE];
	struct image_budget budget = image_budget();
	struct image *image = NULL;

	elf_file_write(&program, bytes);
	cr_assert_eq(elf_image_parse(bytes, 4096, false, &budget, &image), 0);
	expect_program(image);
	image_free(image);
}

Test(read_image, program_headers_may_lie_behind_the_first_page)
{
	unsigned char bytes[ELF_FILE_SIZE];
	struct image_budget budget = image_budget();
	struct elf_file file = program;
	struct image *image;

	file.headers_at = 6000;
	image = read_file(&file);
	expect_program(image);
	image_free(image);

	image = NULL;
	elf_file_write(&file, bytes);
	cr_assert_eq(elf_image_parse(bytes, 4096, false, &budget, &image), -EBADMSG,
		     "of memory there is no more");
	cr_assert_null(image);
}

Test(read_image, build_id)
{
	static const struct {
		Elf64_Nhdr header;
		char name[4];
		unsigned char id[8];
	} note = { { 4, 8, NT_GNU_BUILD_ID }, "GNU", { 1, 2, 3, 4, 5, 6, 7, 8 } };
	const Elf64_Phdr with_note[] = {
		LOAD(PF_R | PF_X, 0, 0, 0x1000, 0x1000),
		{ PT_NOTE, PF_R, NOTE_AT, NOTE_AT, NOTE_AT, sizeof(note), sizeof(note), 4 },
	};
	const struct elf_file file = {
		.type = ET_DYN,
		.segments = with_note,
		.n_segments = ARRAY_SIZE(with_note),
		.note = &note,
		.note_len = sizeof(note),
	};
	struct image *image = read_file(&file);

	cr_assert_eq(image->build_id_len, sizeof(note.id));
	cr_assert_eq(memcmp(image->build_id, note.id, sizeof(note.id)), 0);
	image_free(image);
}

/* The length of the build-id that is found after so many empty notes. */
static size_t build_id_len_behind(size_t n_notes)
{
	static const struct {
		Elf64_Nhdr nothing;
		Elf64_Nhdr header;
		char name[4];
		unsigned char id[8];
	} notes = { { 0, 0, 0 }, { 4, 8, NT_GNU_BUILD_ID }, "GNU", { 1, 2, 3, 4, 5, 6, 7, 8 } };
	const size_t id_at = offsetof(__typeof__(notes), header);
	Elf64_Phdr headers[ELF_NOTES_MAX + 2] = { LOAD(PF_R | PF_X, 0, 0, 0x1000, 0x1000) };
	const struct elf_file file = {
		.type = ET_DYN,
		.segments = headers,
		.n_segments = n_notes + 2,
		.note = &notes,
		.note_len = sizeof(notes),
	};
	struct image *image;
	size_t len;

	for (size_t i = 0; i < n_notes; i++)
		headers[i + 1] = (Elf64_Phdr){ PT_NOTE, PF_R, NOTE_AT, NOTE_AT, NOTE_AT, id_at, id_at, 4 };
	headers[n_notes + 1] = (Elf64_Phdr){
		PT_NOTE,
		PF_R,
		NOTE_AT + id_at,
		NOTE_AT + id_at,
		NOTE_AT + id_at,
		sizeof(notes) - id_at,
		sizeof(notes) - id_at,
		4,
	};
	image = read_file(&file);
	len = image->build_id_len;
	image_free(image);
	return len;
}

Test(read_image, only_so_many_notes_are_looked_through)
{
	cr_assert_eq(build_id_len_behind(0), 8);
	cr_assert_eq(build_id_len_behind(ELF_NOTES_MAX - 1), 8);
	cr_assert_eq(build_id_len_behind(ELF_NOTES_MAX), 0);
}

Test(read_image, build_id_of_a_debug_file)
{
	static const struct {
		Elf64_Nhdr header;
		char name[4];
		unsigned char id[4];
	} note = { { 4, 4, NT_GNU_BUILD_ID }, "GNU", { 1, 2, 3, 4 } };
	const Elf64_Phdr of_the_program[] = {
		LOAD(PF_R | PF_X, 0, 0, 0x1000, 0x1000),
		{ PT_NOTE, PF_R, 0x300, 0x300, 0x300, sizeof(note), sizeof(note), 4 },
	};
	const Elf64_Shdr of_its_own[] = {
		{ 0, SHT_NOTE, SHF_ALLOC, 0x300, NOTE_AT, sizeof(note), 0, 0, 4, 0 },
	};
	const struct elf_file file = {
		.type = ET_DYN,
		.segments = of_the_program,
		.n_segments = ARRAY_SIZE(of_the_program),
		.sections = of_its_own,
		.n_sections = ARRAY_SIZE(of_its_own),
		.note = &note,
		.note_len = sizeof(note),
	};
	_cleanup_close_ int fd = memfd_create("debug", MFD_CLOEXEC);
	unsigned char bytes[ELF_FILE_SIZE], id[BUILD_ID_MAX];

	elf_file_write(&file, bytes);
	cr_assert_eq(write(fd, bytes, sizeof(bytes)), (ssize_t)sizeof(bytes));
	cr_assert_eq(elf_image_build_id(fd, id), sizeof(note.id));
	cr_assert_eq(memcmp(id, note.id, sizeof(note.id)), 0);
}

Test(read_image, no_build_id_and_no_file_for_one)
{
	const Elf64_Phdr one[] = { LOAD(PF_R | PF_X, 0, 0, 0x1000, 0x1000) };
	const struct elf_file file = { .type = ET_DYN, .segments = one, .n_segments = ARRAY_SIZE(one) };
	_cleanup_close_ int fd = memfd_create("file", MFD_CLOEXEC);
	unsigned char bytes[ELF_FILE_SIZE], id[BUILD_ID_MAX];

	cr_assert_eq(elf_image_build_id(-1, id), -EBADF);
	cr_assert_eq(elf_image_build_id(fd, id), -ENOEXEC);
	elf_file_write(&file, bytes);
	cr_assert_eq(write(fd, bytes, sizeof(bytes)), (ssize_t)sizeof(bytes));
	cr_assert_eq(elf_image_build_id(fd, id), 0);
}

/* Sections matter only if headers and code share a segment. */
Test(read_image, sections_where_segments_leave_a_question)
{
	static const Elf64_Phdr one[] = {
		LOAD(PF_R | PF_X, 0, 0, 0x1000, 0x1000),
		LOAD(PF_R | PF_W, 0x1000, 0x2000, 0x100, 0x200),
	};
	static const Elf64_Shdr sections[] = {
		{ 0, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0x400, 0x400, 0x200, 0, 0, 1, 0 },
		{ 0, SHT_PROGBITS, SHF_ALLOC, 0x200, 0x200, 0x100, 0, 0, 1, 0 },
		{ 0, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 0x2000, 0x1000, 0x100, 0, 0, 1, 0 },
		{ 0, SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 0x2100, 0x1100, 0x100, 0, 0, 1, 0 },
		{ 0, SHT_PROGBITS, 0, 0, 0x700, 0x100, 0, 0, 1, 0 },
	};
	struct elf_file file = {
		.type = ET_DYN,
		.segments = one,
		.n_segments = ARRAY_SIZE(one),
		.sections = sections,
		.n_sections = ARRAY_SIZE(sections),
	};
	struct image *image = read_file(&file);

	cr_assert_eq(image->n_sections, 2);
	cr_assert_eq(image->sections[0].start, 0x200);
	cr_assert_eq(image->sections[0].end, 0x300);
	cr_assert_eq(image->sections[0].perms, PERM_R);
	cr_assert_eq(image->sections[1].start, 0x400);
	cr_assert_eq(image->sections[1].perms, PERM_R | PERM_X);
	image_free(image);

	file.segments = segments;
	file.n_segments = ARRAY_SIZE(segments);
	image = read_file(&file);
	cr_assert_eq(image->n_sections, 0, "the segments say it all");
	image_free(image);
}

/* If code and constants are not known to lie in separate segments, sections decide. */
Test(read_image, where_the_table_of_unwind_information_lies)
{
	static const Elf64_Shdr sections[] = {
		{ 0, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0x1000, 0x1000, 0x100, 0, 0, 1, 0 },
		{ 0, SHT_PROGBITS, SHF_ALLOC, 0x1100, 0x1100, 0x100, 0, 0, 1, 0 },
	};
	static const struct {
		uint64_t eh_frame, second_code;
		size_t n_sections;
	} cases[] = { { 0x180, 0, 0 }, { 0x1180, 0, 2 }, { 0, 0, 2 }, { 0x180, 0x2000, 2 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const Elf64_Phdr headers[] = {
			LOAD(PF_R, 0, 0, 0x200, 0x200),
			LOAD(PF_R | PF_X, 0x1000, 0x1000, 0x200, 0x200),
			LOAD(PF_R | PF_X, cases[i].second_code, cases[i].second_code, 0x10,
			     cases[i].second_code ? 0x10 : 0),
			{ cases[i].eh_frame ? PT_GNU_EH_FRAME : PT_NULL, PF_R, cases[i].eh_frame,
			  cases[i].eh_frame, 0, 0x40, 0x40, 4 },
		};
		const struct elf_file file = { .type = ET_DYN,
					       .segments = headers,
					       .n_segments = ARRAY_SIZE(headers),
					       .sections = sections,
					       .n_sections = ARRAY_SIZE(sections) };
		struct image *image = read_file(&file);

		cr_expect_eq(image->n_sections, cases[i].n_sections, "case %zu", i);
		image_free(image);
	}
}

Test(read_image, what_is_no_program)
{
	static const char *const texts[] = { "", "#!/bin/sh\n",
					     "\x7f"
					     "EL",
					     "\x7f"
					     "ELF" };
	struct elf_file object = program;
	struct image *image = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		cr_expect_eq(read_bytes((const unsigned char *)texts[i], strlen(texts[i]), &image), -ENOEXEC,
			     "%s", texts[i]);
		cr_expect_null(image);
	}
	object.type = ET_REL;
	expect_refused(&object, -ENOEXEC);
	object.type = ET_CORE;
	expect_refused(&object, -ENOEXEC);
}

Test(read_image, contradictions_are_refused)
{
	static const Elf64_Phdr bad[][2] = {
		{ LOAD(PF_R, 0, 0, 0x1000, 0x0fff), { 0 } }, /* more in the file than in memory */
		{ LOAD(PF_R, 0, UINT64_MAX - 0xff, 0x100, 0x1000), { 0 } }, /* wraps around */
		{ LOAD(PF_R, UINT64_MAX - 0xf, 0, 0x100, 0x1000), { 0 } },
		{ { PT_NULL }, { PT_NULL } }, /* nothing to load */
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const struct elf_file file = { .type = ET_DYN, .segments = bad[i], .n_segments = 2 };

		expect_refused(&file, -EBADMSG);
	}
}

/* A loader maps one segment after the other. */
Test(read_image, segments_may_overlap)
{
	static const Elf64_Phdr overlapping[] = {
		LOAD(PF_R, 0, 0, 0x3000, 0x3000),
		LOAD(PF_R | PF_W, 0x1000, 0x1000, 0x10, 0x10),
	};
	const struct elf_file file = { .type = ET_DYN, .segments = overlapping, .n_segments = 2 };
	struct image *image = read_file(&file);

	cr_assert_eq(image->n_segments, 2);
	cr_assert_eq(image->end, 0x3000);
	image_free(image);
}

Test(read_image, half_a_file_is_refused)
{
	unsigned char bytes[ELF_FILE_SIZE];
	struct image *image = NULL;

	elf_file_write(&program, bytes);
	for (size_t len = SELFMAG; len < sizeof(Elf64_Ehdr) + sizeof(segments); len++) {
		cr_expect_lt(read_bytes(bytes, len, &image), 0, "%zu bytes", len);
		cr_expect_null(image);
	}
}

Test(read_image, segments_are_sorted)
{
	static const Elf64_Phdr mixed[] = {
		LOAD(PF_R | PF_W, 0x2000, 0x3000, 0x10, 0x10),
		LOAD(PF_R | PF_X, 0x1000, 0x1000, 0x10, 0x10),
		LOAD(PF_R, 0, 0, 0, 0),
	};
	const struct elf_file file = {
		.type = ET_EXEC,
		.segments = mixed,
		.n_segments = ARRAY_SIZE(mixed),
	};
	struct image *image = read_file(&file);

	cr_assert_eq(image->n_segments, 2, "an empty one does not count");
	cr_assert_eq(image->segments[0].vaddr, 0x1000);
	cr_assert_eq(image->segments[1].vaddr, 0x3000);
	image_free(image);
}
