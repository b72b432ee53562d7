/* SPDX-License-Identifier: MIT */
#include "proc/images.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void images_init(struct images *images)
{
	*images = (struct images){ .left = IMAGES_SIZE_MAX };
}

void images_done(struct images *images)
{
	tdestroy(images->files, free);
}

static int compare(const void *a, const void *b)
{
	const struct file_image *x = a;
	const struct file_image *y = b;

	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return (x->dev > y->dev) - (x->dev < y->dev);
}

struct file_image *images_find(struct images *images, const struct stat *st)
{
	struct file_image key = { .dev = st->st_dev, .ino = st->st_ino };
	struct file_image *fresh;
	void *found = tfind(&key, &images->files, compare);

	if (found)
		return *(struct file_image **)found;
	fresh = mem_alloc(sizeof(*fresh));
	*fresh = key;
	if (!tsearch(fresh, &images->files, compare))
		mem_exhausted();
	return fresh;
}

/* Long names count for several sections, and so does that of a part of an archive, which is a copy. */
static uint64_t image_size(const struct object *object)
{
	const struct image *image = object->image;
	uint64_t size = image->n_segments + image->n_sections;

	for (size_t i = 0; i < image->n_sections; i++)
		if (image->sections[i].name)
			size += strlen(image->sections[i].name) / sizeof(struct section);
	return object->part_size > 0 ? size + object->name_len / sizeof(struct section) : size;
}

int images_take(struct images *images, struct object *object)
{
	uint64_t size = image_size(object);

	if (!images->is_exceeded && size <= images->left) {
		images->left -= size;
		return 0;
	}
	images->is_exceeded = true;
	image_free(object->image);
	object->image = NULL;
	return -ENOBUFS;
}
