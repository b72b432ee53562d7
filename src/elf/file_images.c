/* SPDX-License-Identifier: MIT */
#include "elf/file_images.h"

#include <search.h>
#include <stdlib.h>

#include "base/mem.h"

static int compare(const void *a, const void *b)
{
	const struct file_image *x = a;
	const struct file_image *y = b;

	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return (x->dev > y->dev) - (x->dev < y->dev);
}

struct file_image *file_images_find(struct file_images *images, const struct stat *st)
{
	struct file_image key = { .dev = st->st_dev, .ino = st->st_ino };
	struct file_image *fresh;
	void *found = tfind(&key, &images->tree, compare);

	if (found)
		return *(struct file_image **)found;
	fresh = mem_alloc(sizeof(*fresh));
	*fresh = key;
	if (!tsearch(fresh, &images->tree, compare))
		mem_exhausted();
	return fresh;
}

void file_images_done(struct file_images *images)
{
	tdestroy(images->tree, free);
}
