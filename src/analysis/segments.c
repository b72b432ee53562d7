/* SPDX-License-Identifier: MIT */
#include "analysis/segments.h"

uint64_t segment_start(const struct facts *facts, const struct module *module, const struct segment *segment)
{
	return page_floor(module->bias + segment->vaddr, facts->page_size);
}

uint64_t segment_end(const struct facts *facts, const struct module *module, const struct segment *segment)
{
	return page_ceil(module->bias + segment->vaddr + segment->memsz, facts->page_size);
}

uint64_t segment_file_end(const struct facts *facts, const struct module *module,
			  const struct segment *segment)
{
	return page_ceil(module->bias + segment->vaddr + segment->filesz, facts->page_size);
}

bool is_file_page_of(const struct facts *facts, const struct module *module, const struct segment *segment,
		     const struct mapping *m, uint64_t addr)
{
	return m->object == module->object &&
	       m->offset + (addr - m->start) == page_floor(segment->offset, facts->page_size) +
							(addr - segment_start(facts, module, segment));
}

bool may_be_copy_of(const struct mapping *m, const struct segment *segment)
{
	return segment->perms & PERM_X ? (m->perms & PERM_X) != 0 : has_access(m->perms);
}

bool has_segment(const struct facts *facts, const struct module *module, const struct segment *segment)
{
	uint64_t start = segment_start(facts, module, segment);
	uint64_t end = segment_file_end(facts, module, segment);

	for (size_t i = facts_find_mapping(facts, start); i < facts->n_mappings; i++) {
		const struct mapping *m = &facts->mappings[i];

		if (m->start >= end)
			break;
		if (m->object == module->object ?
			    is_file_page_of(facts, module, segment, m, MAX(m->start, start)) :
			    is_anonymous(facts, m) && may_be_copy_of(m, segment))
			return true;
	}
	return segment->filesz == 0;
}
