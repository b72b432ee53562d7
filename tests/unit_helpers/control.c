/* SPDX-License-Identifier: MIT */
#include "control.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

const struct control_layout glibc_x86_64 = {
	.word_size = 8,
	.has_selves = true,
	.selves = { 0, 0x10 },
	.tid = 0x2d0,
	.list = 0x2e0,
	.fields = 0x690,
};

const struct control_layout glibc_i386 = {
	.word_size = 4,
	.has_selves = true,
	.selves = { 0, 0x8 },
	.tid = 0x68,
	.list = 0x74,
	.fields = 0x254,
};

/* The thread pointer points behind the block, and nothing in the block points to its beginning. */
const struct control_layout glibc_aarch64 = {
	.word_size = 8,
	.tid = 0xd0,
	.list = 0xe0,
	.fields = 0x490,
};

const struct control_layout musl_x86_64 = {
	.word_size = 8,
	.has_selves = true,
	.links = 0x10,
	.tid = 0x30,
	.fields = 0x48,
};

const struct control_layout musl_i386 = {
	.word_size = 4,
	.has_selves = true,
	.links = 0x8,
	.tid = 0x18,
	.fields = 0x2c,
};

const struct control_layout musl_aarch64 = {
	.word_size = 8,
	.has_selves = true,
	.links = 0x8,
	.tid = 0x20,
	.fields = 0x38,
};

void control_put(struct memory *memory, const struct control_layout *layout, uint64_t at, int32_t tid,
		 const struct control_fields *fields)
{
	for (size_t i = 0; i < ARRAY_SIZE(layout->selves) && layout->has_selves; i++)
		memory_put(memory, at + layout->selves[i], layout->word_size, at);
	memory_put(memory, at + layout->tid, sizeof(tid), (uint32_t)tid);
	for (size_t i = 0; i < ARRAY_SIZE(fields->words); i++)
		memory_put(memory, at + layout->fields + i * layout->word_size, layout->word_size,
			   fields->words[i]);
}

void control_link(struct memory *memory, const struct control_layout *layout, uint64_t at, uint64_t before,
		  uint64_t behind)
{
	memory_put(memory, at + layout->links, layout->word_size, before);
	memory_put(memory, at + layout->links + layout->word_size, layout->word_size, behind);
}

void control_add_thread(struct facts *facts, struct memory *memory, int32_t tid, uint64_t control)
{
	mem_grow(facts->threads, facts->n_threads, facts->cap_threads);
	facts->threads[facts->n_threads++] = (struct thread){ .tid = tid, .control = control, .sp = UNKNOWN };
	if (control != UNKNOWN)
		memory_add_thread(memory, tid, control);
}

void control_expect(const struct facts *facts, const char *blocks)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	for (size_t i = 0; i < facts->n_blocks; i++)
		fprintf(file, "%" PRIx64 "-%" PRIx64 " +%" PRIx64 " %" PRIi32 "\n", facts->blocks[i].start,
			facts->blocks[i].end, facts->blocks[i].guard, facts->blocks[i].tid);
	fclose(file);
	cr_assert(strcmp(text, blocks) == 0, "expected\n%sand not\n%s", blocks, text);
}
