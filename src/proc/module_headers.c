/* SPDX-License-Identifier: MIT */
#include "proc/module_headers.h"

#include "elf/read_image.h"
#include "proc/file_identity.h"
#include "proc/memory.h"
#include "proc/read_file.h"

/* Room for the ELF header and sixteen program headers: nearly all files have fewer. */
#define HEADERS_SIZE 1024

struct batch {
	size_t n;
	struct object *objects[PARTS_MAX];
	struct memory_part parts[PARTS_MAX];
	_Alignas(16) char bytes[PARTS_MAX][HEADERS_SIZE];
};

static bool has_headers_in_memory(struct proc *proc, const struct facts *facts, const struct object *object)
{
	const struct mapping *m = &facts->mappings[object->first];

	return m->offset == 0 && (m->perms & PERM_R) && proc_is_file_page(proc, m->start);
}

static void add(struct batch *batch, const struct facts *facts, struct object *object)
{
	batch->objects[batch->n] = object;
	batch->parts[batch->n] = (struct memory_part){ facts->mappings[object->first].start,
						       batch->bytes[batch->n], HEADERS_SIZE };
	batch->n++;
}

/* Whether all of them could be read. */
static bool read_batch(struct proc *proc, const struct facts *facts, int maps_fd, struct batch *batch)
{
	size_t n = proc_read_parts(proc, batch->parts, batch->n);
	bool is_complete = n == batch->n;

	for (size_t i = 0; i < n; i++) {
		struct object *object = batch->objects[i];
		struct image *image = NULL;

		if (elf_image_parse_start(batch->bytes[i], HEADERS_SIZE, &image) < 0)
			continue;
		if (!object_is_mapped(maps_fd, &facts->mappings[object->first], object)) {
			image_free(image);
			continue;
		}
		object->image = image;
		object->headers = HEADERS_FILE;
	}
	batch->n = 0;
	return is_complete;
}

void read_headers(struct proc *proc, struct facts *facts, const uint32_t *which, size_t n)
{
	_cleanup_close_ int maps_fd = proc_open_file(proc->mm_fd, "maps");
	struct batch batch;
	bool can_read = maps_fd >= 0;

	batch.n = 0;
	for (size_t i = 0; i < n && can_read; i++) {
		struct object *object = facts->objects[which[i]];

		if (has_headers_in_memory(proc, facts, object))
			add(&batch, facts, object);
		if (batch.n == PARTS_MAX)
			can_read = read_batch(proc, facts, maps_fd, &batch);
	}
	if (can_read)
		read_batch(proc, facts, maps_fd, &batch);
}
