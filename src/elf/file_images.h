/* SPDX-License-Identifier: MIT */
/*
 * The ELF images of files by device and inode: a file may be mapped by any number of names (hard links, or
 * several spellings of a path), and is read once.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "model/image.h"

/* What was read of one file. */
struct file_image {
	dev_t dev;
	ino_t ino;
	bool is_read;
	int code;	     /* why it has no image, a negative errno */
	struct image *image; /* of the first object that has it */
};

struct file_images {
	void *tree; /* tsearch(3) */
};

/* What is known of a file; not read yet if it is new. Valid until file_images_done(). */
struct file_image *file_images_find(struct file_images *images, const struct stat *st);

/* The images themselves belong to the objects that have them. */
void file_images_done(struct file_images *images);
