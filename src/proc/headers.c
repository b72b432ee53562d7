/* SPDX-License-Identifier: MIT */
#include "proc/headers.h"

#include "elf/image.h"
#include "proc/mapped_file.h"

/* Room for the ELF header and sixteen program headers: nearly all files have fewer. */
#define HEADERS_SIZE 1024

struct batch {
	size_t n;
	struct object *objects[PARTS_MAX];
	struct memory_part parts[PARTS_MAX];
	_Alignas(16) char bytes[PARTS_MAX][HEADERS_SIZE];
};

static bool has_headers_in_memory(struct proc *proc, const struct addrspace *as, const struct object *object)
{
	const struct mapping *m = &as->mappings[object->first];

	return m->offset == 0 && (m->perms & PERM_R) && proc_is_file_page(proc, m->start);
}

static void add(struct batch *batch, const struct addrspace *as, struct object *object)
{
	batch->objects[batch->n] = object;
	batch->parts[batch->n] = (struct memory_part){ as->mappings[object->first].start,
						       batch->bytes[batch->n], HEADERS_SIZE };
	batch->n++;
}

/* Whether all of them could be read. */
static bool read_batch(struct proc *proc, const struct addrspace *as, int maps_fd, struct batch *batch)
{
	size_t n = proc_read_parts(proc, batch->parts, batch->n);
	bool is_complete = n == batch->n;

	for (size_t i = 0; i < n; i++) {
		struct object *object = batch->objects[i];
		struct image *image = NULL;

		if (elf_image_parse_start(batch->bytes[i], HEADERS_SIZE, &image) < 0)
			continue;
		if (!object_is_mapped(maps_fd, &as->mappings[object->first], object)) {
			image_free(image);
			continue;
		}
		object->image = image;
		object->headers = HEADERS_FILE;
	}
	batch->n = 0;
	return is_complete;
}

void read_headers(struct proc *proc, struct addrspace *as, const uint32_t *which, size_t n)
{
	_cleanup_close_ int maps_fd = proc_open_file(proc->mm_fd, "maps");
	struct batch batch;
	bool can_read = maps_fd >= 0;

	batch.n = 0;
	for (size_t i = 0; i < n && can_read; i++) {
		struct object *object = as->objects[which[i]];

		if (has_headers_in_memory(proc, as, object))
			add(&batch, as, object);
		if (batch.n == PARTS_MAX)
			can_read = read_batch(proc, as, maps_fd, &batch);
	}
	if (can_read)
		read_batch(proc, as, maps_fd, &batch);
}
