/* SPDX-License-Identifier: MIT */
/*
 * The ELF images of mapped files. A file may be mapped under any number of names (hard links), and files may have
 * any number of segments: each file is read once, and all images together have a bound.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "elf/file_images.h"
#include "model/object.h"

/*
 * Segments and sections in all. Linux lets a process map 65,530 ranges unless it is told otherwise, and each
 * segment that is mapped takes one: ten thousand libraries with all their sections are half of this.
 */
#define IMAGES_SIZE_MAX (UINT64_C(1) << 20)

struct images {
	struct file_images files;
	uint64_t left; /* segments and sections that further images may have */
	bool is_exceeded;
};

void images_init(struct images *images);

/*
 * Takes what an object's image needs from what is left. 0; -ENOBUFS: not enough is left, so that the object loses
 * its image, and from now on none is read.
 */
int images_take(struct images *images, struct object *object);
