/* SPDX-License-Identifier: MIT */
#include "elf/read_image.h"

#include <errno.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/range.h"
#include "elf/handle.h"
#include "elf/image_sections.h"
#include "elf/image_segments.h"

/* Nearly all files have their headers in here, and need only one pread(). */
#define FIRST_PAGE 4096

/* From the `len` bytes that `elf` was given. *ret_more: whether more of the file is needed. */
static int read_image(Elf *elf, size_t len, bool want_build_id, struct image_budget *budget,
		      struct image **ret, bool *ret_more)
{
	_cleanup_image_ struct image *image = mem_alloc(sizeof(*image));
	bool is_complete = true;
	GElf_Ehdr ehdr;
	int r;

	*ret_more = false;
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &ehdr) ||
	    (ehdr.e_type != ET_EXEC && ehdr.e_type != ET_DYN))
		return -ENOEXEC;
	/* libelf silently skips headers that lie outside. */
	if (ehdr.e_phoff > len || (size_t)ehdr.e_phnum * ehdr.e_phentsize > len - ehdr.e_phoff) {
		*ret_more = true;
		return -EBADMSG;
	}
	r = image_read_segments(elf, want_build_id, budget, image, &is_complete);
	if (r == 0)
		image->has_code_apart = image_has_code_apart(image);
	image->has_question = r == 0 && image_has_question(image);
	*ret_more = !is_complete || image->has_question;
	if (r < 0)
		return r;
	/* The image stays in memory, and there may be hundreds: a quarter of the room is mostly enough. */
	image->segments = mem_realloc(image->segments, image->n_segments, sizeof(*image->segments));
	*ret = steal_image(&image);
	return 0;
}

int elf_image_parse(const void *bytes, size_t len, bool want_sections, struct image_budget *budget,
		    struct image **ret)
{
	_cleanup_image_ struct image *image = NULL;
	_cleanup_elf_ Elf *elf = NULL;
	bool more;
	int r;

	elf_version(EV_CURRENT);
	/* libelf only reads the bytes; that its parameter is not const is history. */
	elf = elf_memory((char *)bytes, len);
	r = read_image(elf, len, true, budget, &image, &more);
	if (r == 0 && want_sections)
		r = image_read_sections(elf, true, budget, image);
	if (r == 0)
		*ret = steal_image(&image);
	return r;
}

uint64_t elf_image_file_size(const void *bytes, size_t len, const struct image *image)
{
	_cleanup_elf_ Elf *elf = elf_memory((char *)bytes, len);
	uint64_t end = 0;
	GElf_Ehdr ehdr;

	for (size_t i = 0; i < image->n_segments; i++)
		end = MAX(end, image->segments[i].offset + image->segments[i].filesz);
	if (gelf_getehdr(elf, &ehdr) &&
	    range_fits(ehdr.e_shoff, (uint64_t)ehdr.e_shnum * ehdr.e_shentsize, UINT64_MAX))
		end = MAX(end, ehdr.e_shoff + (uint64_t)ehdr.e_shnum * ehdr.e_shentsize);
	return end;
}

int elf_image_parse_start(const void *bytes, size_t len, struct image **ret)
{
	_cleanup_image_ struct image *image = NULL;
	_cleanup_elf_ Elf *elf = NULL;
	struct image_budget budget = image_budget();
	bool more;
	int r;

	elf_version(EV_CURRENT);
	elf = elf_memory((char *)bytes, len);
	r = read_image(elf, len, false, &budget, &image, &more);
	if (more)
		return -ENODATA;
	if (r == 0)
		*ret = steal_image(&image);
	return r;
}

/* Gives libelf the whole file: slower, and seldom needed. */
static int read_whole(int fd, bool want_sections, struct image_budget *budget, struct image **ret)
{
	_cleanup_image_ struct image *image = NULL;
	_cleanup_elf_ Elf *elf = NULL;
	bool more;
	int r = image_budget_take(budget, elf_section_count(fd));

	if (r < 0)
		return r;
	elf_watch();
	elf = elf_open(fd);
	r = read_image(elf, SIZE_MAX, true, budget, &image, &more);
	if (r == 0 && (want_sections || image->has_question))
		r = image_read_sections(elf, want_sections, budget, image);
	if (elf_failure() < 0)
		return elf_failure();
	if (r == 0)
		*ret = steal_image(&image);
	return r;
}

/* Keeps what the first page has, if the file has too many sections to read the rest. */
static int keep_start(struct image *image, struct image **ret)
{
	if (!image)
		return -E2BIG;
	image->has_unread_sections = true;
	*ret = image;
	return 0;
}

int elf_image_read(int fd, bool want_sections, struct image_budget *budget, struct image **ret)
{
	_Alignas(16) char page[FIRST_PAGE];
	struct image *image = NULL;
	_cleanup_elf_ Elf *elf = NULL;
	ssize_t n = pread(fd, page, sizeof(page), 0);
	bool more;
	int r;

	if (n < 0)
		return -errno;
	if (n < SELFMAG || memcmp(page, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	elf_version(EV_CURRENT);
	elf = elf_memory(page, (size_t)n);
	r = read_image(elf, (size_t)n, true, budget, &image, &more);
	if (r == -ENOBUFS)
		return r;
	if (more || (r == 0 && want_sections)) {
		if (elf_is_excessive(fd))
			return keep_start(image, ret);
		image_free(image);
		return read_whole(fd, want_sections, budget, ret);
	}
	if (r == 0)
		*ret = image;
	return r;
}

void elf_note_unread_sections(struct facts *facts)
{
	size_t n = 0;

	for (size_t i = 0; i < facts->n_objects; i++)
		n += facts->objects[i]->image && facts->objects[i]->image->has_unread_sections;
	if (n > 0)
		notes_warn(
			&facts->notes, "sections-unread",
			"%zu file%s more sections, or longer section names, than memmap reads: they are missing",
			n, n == 1 ? " has" : "s have");
}
