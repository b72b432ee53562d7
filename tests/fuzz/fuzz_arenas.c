/* SPDX-License-Identifier: MIT */
/* The input is a process (bytes.h), whose memory is searched for heaps of malloc arenas. */
#include "bytes.h"
#include "fuzz.h"
#include "runtime/arenas.h"

static void require_heap(const struct facts *facts, const struct arena_heap *heap)
{
	size_t i = facts_find_mapping(facts, heap->start);
	const struct mapping *m = &facts->mappings[i];
	uint64_t room = arena_room(facts->word_size);

	require(heap->start < heap->end && heap->start % room == 0 && heap->end - heap->start <= room);
	require(i < facts->n_mappings && heap->start >= m->start && heap->end <= m->end);
	require(is_nameless(facts, m) && (m->perms & (PERM_R | PERM_W)) == (PERM_R | PERM_W));
	require(heap->n_users <= facts->n_threads);
	bytes_require_tid(heap->tid);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes;
	const struct facts *facts = &bytes.space.facts;

	if (!bytes_init(&bytes, data, size))
		return 0;
	read_heaps(&bytes.source, &bytes.space.facts, true);
	for (size_t i = 0; i < facts->n_heaps; i++) {
		require_heap(facts, &facts->heaps[i]);
		require(i == 0 || facts->heaps[i - 1].end <= facts->heaps[i].start);
	}
	bytes_require_judgement(&bytes);
	bytes_done(&bytes);
	return 0;
}
