/* SPDX-License-Identifier: MIT */
#include "proc/images.h"

#include <errno.h>
#include <string.h>

void images_init(struct images *images)
{
	*images = (struct images){ .left = IMAGES_SIZE_MAX };
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
