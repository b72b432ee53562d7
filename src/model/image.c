/* SPDX-License-Identifier: MIT */
#include "model/image.h"

#include <stdlib.h>

const char *const elf_type_names[N_ELF_TYPES] = {
	[ELF_EXECUTABLE] = "executable",
	[ELF_PIE] = "position-independent executable",
	[ELF_SHARED] = "shared object",
};

void image_free(struct image *image)
{
	if (!image)
		return;
	for (size_t i = 0; i < image->n_sections; i++)
		free(image->sections[i].name);
	free(image->segments);
	free(image->sections);
	free(image);
}
