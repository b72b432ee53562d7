/* SPDX-License-Identifier: MIT */
#include "core/unlisted_files.h"

#include <elf.h>
#include <limits.h>
#include <string.h>

#include "base/mem.h"
#include "elf/read_image.h"

#define HEADERS_SIZE (64 << 10)

static uint64_t auxv(const struct core_file *core, size_t type)
{
	return core->notes.auxv.values[type];
}

/* The text at an address, if it is an absolute path; else NULL. */
static char *read_path(const struct core_file *core, uint64_t addr)
{
	char text[PATH_MAX];
	ssize_t n = addr == UNKNOWN ? 0 : core_file_memory(core, addr, text, sizeof(text));
	size_t len = n > 0 ? strnlen(text, (size_t)n) : 0;

	return len > 0 && len < (size_t)n && text[0] == '/' ? mem_copy(text, len) : NULL;
}

static struct image *read_image(const struct core_file *core, uint64_t start)
{
	_cleanup_free_ char *bytes = mem_array(HEADERS_SIZE, 1);
	ssize_t n = core_file_memory(core, start, bytes, HEADERS_SIZE);
	struct image_budget budget = image_budget();
	struct image *image = NULL;

	return n > 0 && elf_image_parse(bytes, (size_t)n, false, &budget, &image) == 0 ? image : NULL;
}

/* Adds a segment as a loader maps it. */
static void add_segment(struct core_file *core, const struct segment *segment, uint64_t bias,
			const char *name)
{
	struct core_notes *notes = &core->notes;
	uint64_t page = notes->auxv.page_size;
	struct core_file_range file = {
		.start = page_floor(bias + segment->vaddr, page),
		.end = page_ceil(bias + segment->vaddr + segment->filesz, page),
		.offset = page_floor(segment->offset, page),
		.name = name,
	};

	if (segment->filesz == 0 || file.start >= file.end ||
	    file.offset > UINT64_MAX - (file.end - file.start))
		return;
	mem_grow(notes->files, notes->n_files, notes->cap_files);
	notes->files[notes->n_files++] = file;
}

void core_list_program(struct core_file *core)
{
	struct core_notes *notes = &core->notes;
	_cleanup_image_ struct image *image = NULL;
	uint64_t start;

	if (notes->n_files > 0 || !notes->has_auxv || auxv(core, AT_PHDR) == UNKNOWN)
		return;
	/* The program headers are in the program's first page, and AT_PHDR points there. */
	start = page_floor(auxv(core, AT_PHDR), notes->auxv.page_size);
	image = read_image(core, start);
	if (!image || page_floor(image->segments[0].offset, notes->auxv.page_size) != 0)
		return;
	free(notes->names);
	notes->names = read_path(core, auxv(core, AT_EXECFN));
	for (size_t i = 0; notes->names && i < image->n_segments; i++)
		add_segment(core, &image->segments[i],
			    start - page_floor(image->segments[0].vaddr, notes->auxv.page_size),
			    notes->names);
}
