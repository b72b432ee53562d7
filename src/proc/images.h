/* SPDX-License-Identifier: MIT */
/*
 * The ELF images of mapped files. A file may be mapped under any number of names (hard links), and
 * files may have any number of segments: each file is read once, and the number of segments and
 * sections in all images together is limited.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "elf/file_images.h"
#include "model/object.h"

/*
 * Segments and sections in all. Unless told otherwise, Linux lets a process map 65,530 ranges, and each
 * segment that is mapped takes one: ten thousand libraries have half as many, with all their sections.
 */
#define IMAGES_SIZE_MAX (UINT64_C(1) << 20)

struct images {
	struct file_images files;
	uint64_t left; /* segments and sections that further images may have */
	bool is_exceeded;
};

void images_init(struct images *images);

/*
 * Takes what an object's image needs from what is left. 0; -ENOBUFS: not enough is left, so the
 * object loses its image, and no further ones are read.
 */
int images_take(struct images *images, struct object *object);
