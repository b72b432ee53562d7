/* SPDX-License-Identifier: MIT */
#include "runtime/vdso.h"

#include <elf.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/mem.h"
#include "elf/image.h"

#define VDSO_MAX (1 << 20)

/* Our own, which is as long as its section headers say, since these come last; NULL: none. */
static const char *find_own(size_t len)
{
	const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)getauxval(AT_SYSINFO_EHDR);
	uint64_t end;

	if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
		return NULL;
	end = header->e_shoff + (uint64_t)header->e_shnum * header->e_shentsize;
	return page_ceil(end, (uint64_t)sysconf(_SC_PAGESIZE)) == len ? (const char *)header : NULL;
}

enum looks { LOOKS_SAME = 1, LOOKS_OTHER = 2, LOOKS_INCOMPLETE = 4 };

static bool copy_page(struct source *source, uint64_t addr, bool may_touch, char *bytes, size_t size)
{
	ssize_t n = may_touch ? source_touch_memory(source, source->pid, addr, bytes, size) :
				source_read_memory(source, addr, bytes, size);

	return n == (ssize_t)size;
}

/* Copies what may be read of the pages, and compares that with `own`. */
static unsigned copy_pages(struct source *source, const struct mapping *m, bool may_touch, const char *own,
			   char *bytes)
{
	size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
	unsigned looks = 0;

	for (size_t at = 0; at < m->end - m->start; at += page_size) {
		if (!copy_page(source, m->start + at, may_touch, bytes + at, page_size))
			looks |= LOOKS_INCOMPLETE;
		else
			looks |= own && memcmp(bytes + at, own + at, page_size) == 0 ? LOOKS_SAME :
										       LOOKS_OTHER;
	}
	return looks;
}

char *read_vdso_bytes(struct source *source, const struct mapping *m, bool may_touch, size_t *ret_len)
{
	size_t len = (size_t)MIN(m->end - m->start, VDSO_MAX + 1);
	const char *own = source->is_native ? find_own(len) : NULL;
	char *bytes;
	unsigned looks;

	if (len > VDSO_MAX)
		return NULL;
	bytes = mem_alloc(len);
	looks = copy_pages(source, m, may_touch, own, bytes);
	*ret_len = len;
	/* One kernel has one image for all processes of a kind: what is missing is as in ours. */
	if (looks == (LOOKS_SAME | LOOKS_INCOMPLETE))
		memcpy(bytes, own, len);
	else if (looks & LOOKS_INCOMPLETE) {
		free(bytes);
		return NULL;
	}
	return bytes;
}

void read_vdso(struct source *source, struct facts *facts)
{
	for (size_t i = 0; i < facts->n_objects; i++) {
		struct object *object = facts->objects[i];
		_cleanup_free_ char *bytes = NULL;
		size_t len;

		if (object->first == NO_MAPPING || !is_label(object, "[vdso]"))
			continue;
		bytes = read_vdso_bytes(source, &facts->mappings[object->first], false, &len);
		if (bytes && elf_image_parse(bytes, len, true, &object->image) == 0)
			object->headers = HEADERS_MEMORY;
	}
}
