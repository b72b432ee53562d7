/* SPDX-License-Identifier: MIT */
#include "proc/archived_elf.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/copy_file.h"
#include "base/mem.h"
#include "base/range.h"
#include "elf/read_image.h"
#include "model/request.h"
#include "proc/mapped_file.h"

/* The most that a loader may read to get at the program headers. */
#define HEADERS_MAX (4096 + UINT16_MAX)

static bool may_be_archive(const struct object *object)
{
	return object->type == OBJECT_FILE && object->headers == HEADERS_NOT_ELF && object->is_executable &&
	       object->n_private > 1;
}

struct searcher {
	struct facts *facts;
	unsigned needs;
	/* What may still be copied of all files: headers may claim any size, and there may be any number. */
	uint64_t bytes_left;
	struct image_budget *budget;
};

/* Reads an embedded file with its sections; these can only be read from a separate file. */
static int read_part(const struct searcher *searcher, int fd, uint64_t at, uint64_t size, struct image **ret)
{
	_cleanup_close_ int copy = make_memory_file();
	int r = copy < 0 ? copy : copy_file_part(fd, at, size, copy);

	return r < 0 ? r : elf_image_read(copy, searcher->needs & NEED_SECTIONS, searcher->budget, ret);
}

/*
 * Reads the ELF file that begins at an offset, and finds out its size. 0, or a negative errno.
 */
static int read_image_at(struct searcher *searcher, int fd, uint64_t at, struct image **ret,
			 uint64_t *ret_size)
{
	_cleanup_free_ char *bytes = NULL;
	struct image *whole = NULL;
	char magic[SELFMAG];
	ssize_t n;
	int r;

	if (pread(fd, magic, sizeof(magic), (off_t)at) != sizeof(magic) ||
	    memcmp(magic, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	bytes = mem_alloc(HEADERS_MAX);
	n = pread(fd, bytes, HEADERS_MAX, (off_t)at);
	r = n < 0 ? -errno : elf_image_parse(bytes, (size_t)n, false, searcher->budget, ret);
	if (r < 0)
		return r;
	*ret_size = elf_image_file_size(bytes, (size_t)n, *ret);
	if (!((searcher->needs & NEED_SECTIONS) || (*ret)->has_question))
		return 0;
	if (*ret_size > searcher->bytes_left) {
		(*ret)->has_unread_sections = searcher->needs & NEED_SECTIONS;
		return 0;
	}
	searcher->bytes_left -= *ret_size;
	if (read_part(searcher, fd, at, *ret_size, &whole) == 0) {
		image_free(*ret);
		*ret = whole;
	}
	return 0;
}

/* Turns the segments' offsets into offsets in the whole file, as mappings have them. False on overflow. */
static bool shift_image(struct image *image, uint64_t at)
{
	for (size_t i = 0; i < image->n_segments; i++) {
		struct segment *segment = &image->segments[i];

		if (!range_fits(segment->offset, segment->filesz, UINT64_MAX - at))
			return false;
		segment->offset += at;
	}
	return true;
}

/* NULL: no ELF file begins there, or there are too many. */
static struct object *find_part(struct searcher *searcher, int fd, uint32_t whole, uint64_t at)
{
	_cleanup_image_ struct image *image = NULL;
	struct object *part;
	uint64_t size;
	int r = read_image_at(searcher, fd, at, &image, &size);

	/* Each part gets a copy of the archive's name. */
	if (r == 0)
		r = image_budget_take_bytes(searcher->budget, searcher->facts->objects[whole]->name_len);
	if (r == -ENOBUFS)
		searcher->facts->objects[whole]->headers = HEADERS_UNREADABLE;
	if (r < 0 || !shift_image(image, at))
		return NULL;
	part = facts_add_part(searcher->facts, whole, at, size);
	part->image = steal_image(&image);
	part->headers = HEADERS_FILE;
	return part;
}

/*
 * The private mappings of each object, in address order: first[object], then next[mapping], and so
 * on until NO_MAPPING. There may be tens of thousands of objects, and of mappings.
 */
struct chains {
	uint32_t *first, *next;
};

static void chain_mappings(struct chains *chains, const struct facts *facts)
{
	chains->first = mem_alloc(facts->n_objects * sizeof(*chains->first));
	chains->next = mem_alloc(facts->n_mappings * sizeof(*chains->next));
	for (size_t i = 0; i < facts->n_objects; i++)
		chains->first[i] = NO_MAPPING;
	for (size_t i = facts->n_mappings; i-- > 0;) {
		const struct mapping *m = &facts->mappings[i];

		if (m->perms & PERM_SHARED)
			continue;
		chains->next[i] = chains->first[m->object];
		chains->first[m->object] = (uint32_t)i;
	}
}

/* A library's mappings follow the one that has its headers. */
static void search(struct searcher *searcher, int fd, uint32_t whole, const struct chains *chains)
{
	const struct facts *facts = searcher->facts;
	uint64_t asked = UNKNOWN; /* a file is often mapped from the same offset many times */
	struct object *part = NULL;

	for (uint32_t i = chains->first[whole]; i != NO_MAPPING; i = chains->next[i]) {
		struct mapping *m = &facts->mappings[i];

		if (!part || m->offset < part->part_offset ||
		    m->offset - part->part_offset >= page_ceil(part->part_size, facts->page_size)) {
			struct object *found =
				m->offset == asked ? NULL : find_part(searcher, fd, whole, m->offset);

			asked = m->offset;
			part = found ? found : part;
			if (!found)
				continue;
		}
		m->object = part->index;
	}
}

static bool has_archive(const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_objects; i++)
		if (may_be_archive(facts->objects[i]))
			return true;
	return false;
}

static void search_all(struct proc *proc, struct searcher *searcher, const struct chains *chains)
{
	struct facts *facts = searcher->facts;
	size_t n = facts->n_objects;

	for (size_t i = 0; i < n; i++) {
		struct stat st;
		_cleanup_close_ int fd = may_be_archive(facts->objects[i]) ?
						 open_object(proc, facts, facts->objects[i], &st) :
						 -1;

		if (fd >= 0)
			search(searcher, fd, (uint32_t)i, chains);
	}
	if (facts->n_objects > n)
		facts_count_objects(facts);
}

void find_archived(struct proc *proc, struct facts *facts, unsigned needs, struct image_budget *budget)
{
	struct searcher searcher = {
		.facts = facts, .needs = needs, .bytes_left = COPY_SIZE_MAX, .budget = budget
	};
	struct chains chains;

	if (!has_archive(facts))
		return;
	chain_mappings(&chains, facts);
	search_all(proc, &searcher, &chains);
	free(chains.first);
	free(chains.next);
}
