/* SPDX-License-Identifier: MIT */
#include "heap/large_mappings.h"

#include "heap/heap_memory.h"
#include "heap/mmapped_header.h"

struct candidates {
	struct source *source;
	struct facts *facts;
	struct mapping *mappings[PARTS_MAX];
	size_t n;
};

static bool begins_with_block(const struct facts *facts, const struct mapping *m,
			      const unsigned char first[16])
{
	uint64_t offset = mmapped_first_offset(facts->word_size);
	uint64_t header[2] = { heap_word(first + offset, facts->word_size),
			       heap_word(first + offset + facts->word_size, facts->word_size) };

	return mmapped_size(offset, header, facts->word_size, facts->page_size, m->end - m->start) > 0;
}

/* Looks at the candidates whose first page is in memory. */
static void look_at(struct candidates *candidates)
{
	struct memory_part parts[PARTS_MAX];
	unsigned char bytes[PARTS_MAX][16];
	struct mapping *present[PARTS_MAX];
	uint64_t addrs[PARTS_MAX];
	bool is_present[PARTS_MAX];
	size_t n = 0;
	size_t n_read;

	for (size_t i = 0; i < candidates->n; i++)
		addrs[i] = candidates->mappings[i]->start;
	source_find_present(candidates->source, addrs, candidates->n, is_present);
	for (size_t i = 0; i < candidates->n; i++) {
		if (!is_present[i])
			continue;
		present[n] = candidates->mappings[i];
		parts[n] = (struct memory_part){ addrs[i], bytes[n], sizeof(bytes[n]) };
		n++;
	}
	n_read = n > 0 ? source_read_parts(candidates->source, parts, n) : 0;
	for (size_t i = 0; i < n; i++)
		present[i]->begins_with_block =
			(i < n_read || source_read_memory(candidates->source, parts[i].addr, bytes[i],
							  sizeof(bytes[i])) == sizeof(bytes[i])) &&
			begins_with_block(candidates->facts, present[i], bytes[i]);
	candidates->n = 0;
}

void find_large_blocks(struct source *source, struct facts *facts)
{
	struct candidates candidates = { .source = source, .facts = facts };

	if (facts->word_size == 0)
		return;
	for (size_t i = 0; i < facts->n_mappings; i++) {
		struct mapping *m = &facts->mappings[i];

		if (m->end - m->start < MMAPPED_SIZE_MIN || !is_nameless(facts, m) ||
		    (m->perms & (PERM_R | PERM_W | PERM_X)) != (PERM_R | PERM_W))
			continue;
		candidates.mappings[candidates.n++] = m;
		if (candidates.n == PARTS_MAX)
			look_at(&candidates);
	}
	if (candidates.n > 0)
		look_at(&candidates);
}
