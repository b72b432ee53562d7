/* SPDX-License-Identifier: MIT */
/*
 * The input is an ELF file. If its headers are accepted, it is mapped as a loader would map it,
 * and classified.
 */
#include <sys/mman.h>

#include "analysis/verify_regions.h"
#include "analysis/classify.h"
#include "analysis/modules.h"
#include "elf/read_image.h"
#include "fuzz.h"
#include "load_image.h"

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

static void check_loaded(struct image *image)
{
	struct space space;
	uint32_t object;

	space_init(&space);
	space.facts.page_size = LOADED_PAGE;
	object = facts_object(&space.facts, 8, 1, 2, "/bin/p", 6);
	space.facts.objects[object]->image = image;
	space.facts.objects[object]->headers = HEADERS_FILE;
	load_image(&space.facts, image, object, BASE);
	find_modules(&space.facts, &space.judgement);
	classify(&space.facts, false, &space.judgement);
	require(check_regions(&space, NULL) == 0);
	space_done(&space); /* frees the image, too */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_budget budget = image_budget();
	struct image *image = NULL;
	unsigned char id[BUILD_ID_MAX];
	int fd = memfd_create("elf", MFD_CLOEXEC);

	if (elf_image_parse(data, size, true, &budget, &image) == 0) {
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
	if (elf_image_read(fd, true, &budget, &image) == 0) {
		require_image(image);
		require(image->build_id_len == 0 ||
			elf_image_build_id(fd, id) == (ssize_t)image->build_id_len);
		check_loaded(image);
	}
	close(fd);
	return 0;
}
