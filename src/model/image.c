/* SPDX-License-Identifier: MIT */
#include "model/image.h"

#include <stdlib.h>

const char *const elf_type_names[N_ELF_TYPES] = {
	[ELF_EXECUTABLE] = "executable",
	[ELF_PIE] = "position-independent executable",
	[ELF_SHARED] = "shared object",
};

bool image_has_zeroes(const struct image *image, uint64_t addr)
{
	for (size_t i = image->n_segments; i-- > 0;) {
		const struct segment *segment = &image->segments[i];

		if (addr >= segment->vaddr && addr < segment->vaddr + segment->memsz)
			return addr >= segment->vaddr + segment->filesz;
	}
	return false;
}

struct image *image_share(struct image *image)
{
	image->n_shares++;
	return image;
}

void image_free(struct image *image)
{
	if (!image)
		return;
	if (image->n_shares > 0) {
		image->n_shares--;
		return;
	}
	for (size_t i = 0; i < image->n_sections; i++)
		free(image->sections[i].name);
	free(image->segments);
	free(image->sections);
	free(image);
}
