/* SPDX-License-Identifier: MIT */
/* The input is a process (bytes.h), whose memory is searched for control blocks of threads. */
#include "bytes.h"
#include "fuzz.h"
#include "runtime/stacks.h"

/* A stack has no hole, and its end is writable. */
static void require_mapped(const struct facts *facts, const struct stack_block *block)
{
	size_t i = facts_find_mapping(facts, block->end - 1);
	const struct mapping *m = &facts->mappings[i];

	require(i < facts->n_mappings && block->end > m->start && (m->perms & PERM_W));
	for (; m->start > block->start; m--)
		require(m > facts->mappings && m[-1].end == m->start);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned seen = 0;
	struct bytes bytes;
	const struct facts *facts = &bytes.space.facts;

	if (!bytes_init(&bytes, data, size))
		return 0;
	read_stacks(&bytes.source, &bytes.space.facts);
	for (size_t i = 0; i < facts->n_blocks; i++) {
		const struct stack_block *block = &facts->blocks[i];
		unsigned bit = block->tid == NO_TID ? 0 : 1u << (block->tid - BYTES_PROCESS);

		require(block->start < block->end && block->guard < block->end - block->start);
		require(i == 0 || block[-1].end <= block->start);
		require_mapped(facts, block);
		bytes_require_tid(block->tid);
		require(!(seen & bit) && bit != 1);
		seen |= bit;
	}
	bytes_require_judgement(&bytes);
	bytes_done(&bytes);
	return 0;
}
