/* SPDX-License-Identifier: MIT */
#include "runtime/vdso.h"

#include <elf.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/mem.h"
#include "elf/read_image.h"
#include "runtime/vdso32.h"

#define VDSO_MAX (1 << 20)
#define OURS_IS_NARROW (sizeof(void *) == 4)

/* Our own vdso, if it has `len` bytes in whole pages: it ends with its section headers. NULL: it does not. */
static const char *find_own(size_t len)
{
	const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)getauxval(AT_SYSINFO_EHDR);
	uint64_t end;

	if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
		return NULL;
	end = header->e_shoff + (uint64_t)header->e_shnum * header->e_shentsize;
	return page_ceil(end, system_page_size()) == len ? (const char *)header : NULL;
}

static bool copy_page(struct source *source, uint64_t addr, bool may_touch, char *bytes, size_t size)
{
	ssize_t n = may_touch ? source_touch_memory(source, addr, bytes, size) :
				source_read_memory(source, addr, bytes, size);

	return n == (ssize_t)size;
}

/* The pages that may be read of a process's vdso; the others are zeroes. */
struct copy {
	char *bytes;
	size_t len, page_size;
	bool *is_there; /* by page */
	size_t n_there;
};

static size_t count_pages(const struct copy *copy)
{
	return (copy->len + copy->page_size - 1) / copy->page_size;
}

/* How many bytes a page has; the last one may be shorter than our pages. */
static size_t page_bytes(const struct copy *copy, size_t page)
{
	return MIN(copy->page_size, copy->len - page * copy->page_size);
}

static struct copy copy_pages(struct source *source, const struct mapping *m, bool may_touch)
{
	struct copy copy = {
		.len = (size_t)(m->end - m->start),
		.page_size = (size_t)system_page_size(),
	};

	copy.bytes = mem_alloc(copy.len);
	copy.is_there = mem_alloc(count_pages(&copy) * sizeof(*copy.is_there));
	for (size_t i = 0; i < count_pages(&copy); i++) {
		size_t at = i * copy.page_size;

		copy.is_there[i] =
			copy_page(source, m->start + at, may_touch, copy.bytes + at, page_bytes(&copy, i));
		copy.n_there += copy.is_there[i];
	}
	return copy;
}

/* Whether a whole image agrees with all pages that were copied. */
static bool is_same(const struct copy *copy, const char *whole)
{
	for (size_t i = 0; i < count_pages(copy); i++) {
		size_t at = i * copy->page_size;

		if (copy->is_there[i] && memcmp(copy->bytes + at, whole + at, page_bytes(copy, i)) != 0)
			return false;
	}
	return true;
}

/*
 * A kernel has one image for all processes of a kind: missing pages are taken from it. If all are
 * missing, the process must be certain to run on this kernel, with the image's word size.
 */
static bool complete(struct copy *copy, const char *whole, bool is_certain)
{
	if (!whole || (copy->n_there == 0 && !is_certain) || !is_same(copy, whole))
		return false;
	memcpy(copy->bytes, whole, copy->len);
	return true;
}

/* Does the same with the image for 32-bit processes, if that is not our own. */
static void complete_narrow(struct copy *copy)
{
	size_t len = 0;
	_cleanup_free_ char *whole = read_vdso32(copy->len, &len);

	if (len == copy->len)
		complete(copy, whole, true);
}

char *read_vdso_bytes(struct source *source, const struct facts *facts, const struct mapping *m,
		      bool may_touch, size_t *ret_len)
{
	bool is_narrow = facts->word_size == 4;
	struct copy copy;

	if (m->end - m->start > VDSO_MAX)
		return NULL;
	copy = copy_pages(source, m, may_touch);
	/* A recording may be from another kernel, with another vdso. */
	if (source->is_native && copy.n_there < count_pages(&copy) &&
	    !complete(&copy, find_own(copy.len), is_narrow == OURS_IS_NARROW) && is_narrow)
		complete_narrow(&copy);
	free(copy.is_there);
	*ret_len = copy.len;
	/* In a small image, the first page alone has all the symbols. */
	if (copy.bytes[0] == '\0') {
		free(copy.bytes);
		return NULL;
	}
	return copy.bytes;
}

void read_vdso(struct source *source, struct facts *facts)
{
	struct image_budget budget = image_budget();

	for (size_t i = 0; i < facts->n_objects; i++) {
		struct object *object = facts->objects[i];
		_cleanup_free_ char *bytes = NULL;
		size_t len;

		if (object->first == NO_MAPPING || !is_vdso(object))
			continue;
		bytes = read_vdso_bytes(source, facts, &facts->mappings[object->first], false, &len);
		if (bytes && elf_image_parse(bytes, len, true, &budget, &object->image) == 0)
			object->headers = HEADERS_MEMORY;
	}
}
