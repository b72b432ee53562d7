/* SPDX-License-Identifier: MIT */
/*
 * The input is an ELF file. When its headers are accepted it is loaded, as a loader would,
 * and classified.
 */
#include <sys/mman.h>

#include "analysis/check_regions.h"
#include "analysis/classify.h"
#include "analysis/modules.h"
#include "elf/read_image.h"
#include "fuzz.h"

#define PAGE 4096
#define BASE (UINT64_C(1) << 40)

static void require_image(const struct image *image)
{
	require(image->n_segments > 0 && image->build_id_len <= BUILD_ID_MAX);
	for (size_t i = 0; i < image->n_segments; i++) {
		const struct segment *s = &image->segments[i];

		require(s->filesz <= s->memsz && s->vaddr <= UINT64_MAX - s->memsz);
		require(i == 0 || s[-1].vaddr <= s->vaddr);
	}
	for (size_t i = 0; i < image->n_sections; i++) {
		require(image->sections[i].start < image->sections[i].end);
		require(i == 0 || image->sections[i - 1].end <= image->sections[i].start);
	}
}

/* Maps a range unless a loader would have failed to; page by page what comes later wins. */
static void map(struct facts *facts, uint64_t start, uint64_t end, uint64_t offset, uint32_t object,
		unsigned perms)
{
	uint64_t floor = facts->n_mappings > 0 ? facts->mappings[facts->n_mappings - 1].end : 0;

	if (start < floor) {
		offset += floor - start;
		start = floor;
	}
	if (start < end)
		facts_add_mapping(facts, &(struct mapping){ start, end, offset, object, (uint8_t)perms });
}

static void load(struct facts *facts, const struct image *image, uint32_t object)
{
	for (size_t i = 0; i < image->n_segments; i++) {
		const struct segment *s = &image->segments[i];
		uint64_t start = BASE + s->vaddr / PAGE * PAGE;
		uint64_t file_end = BASE + (s->vaddr + s->filesz + PAGE - 1) / PAGE * PAGE;
		uint64_t end = BASE + (s->vaddr + s->memsz + PAGE - 1) / PAGE * PAGE;

		if (s->filesz > 0)
			map(facts, start, file_end, s->offset / PAGE * PAGE, object, s->perms);
		map(facts, start, end, 0, 0, s->perms);
	}
}

static void check_loaded(struct image *image)
{
	struct space space;
	uint32_t object;

	space_init(&space);
	space.facts.page_size = PAGE;
	object = facts_object(&space.facts, 8, 1, 2, "/bin/p", 6);
	space.facts.objects[object]->image = image;
	space.facts.objects[object]->headers = HEADERS_FILE;
	load(&space.facts, image, object);
	find_modules(&space.facts, &space.judgement);
	classify(&space.facts, false, &space.judgement);
	require(check_regions(&space, NULL) == 0);
	space_done(&space); /* and the image */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image *image = NULL;
	unsigned char id[BUILD_ID_MAX];
	int fd = memfd_create("elf", MFD_CLOEXEC);

	if (elf_image_parse(data, size, true, &image) == 0) {
		require_image(image);
		image_free(image);
	}
	image = NULL;
	if (elf_image_parse_start(data, size, &image) == 0) {
		require_image(image);
		image_free(image);
	}
	require(write(fd, data, size) == (ssize_t)size);
	image = NULL;
	if (elf_image_read(fd, true, &image) == 0) {
		require_image(image);
		require(image->build_id_len == 0 ||
			elf_image_build_id(fd, id) == (ssize_t)image->build_id_len);
		check_loaded(image);
	}
	close(fd);
	return 0;
}
