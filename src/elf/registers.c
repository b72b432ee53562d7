/* SPDX-License-Identifier: MIT */
#include "elf/registers.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "base/util.h"

/*
 * Where the kernel's struct user_regs_struct (or its counterpart) has the registers, counted in
 * words. The numbers are from each machine's psABI.
 */
static const struct layout {
	uint16_t machine;
	uint8_t word_size;
	uint8_t n, sp;		      /* how many numbers are used, and the stack pointer's */
	uint8_t pc;		      /* its slot */
	uint8_t slots[REGISTERS_MAX]; /* by number */
} layouts[] = {
	/* rax rdx rcx rbx rsi rdi rbp rsp r8 … r15, return address */
	{ EM_X86_64, 8, 17, 7, 16, { 10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16 } },
	/* eax ecx edx ebx esp ebp esi edi, return address */
	{ EM_386, 4, 9, 4, 12, { 6, 1, 2, 0, 15, 5, 3, 4, 12 } },
	/* x0 … x30, sp */
	{ EM_AARCH64, 8, 32, 31, 32, { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
				       16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 } },
	/* r0 … r15 */
	{ EM_ARM, 4, 16, 13, 15, { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 } },
};

static const struct layout *find_layout(unsigned machine)
{
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++)
		if (layouts[i].machine == machine)
			return &layouts[i];
	return NULL;
}

static uint64_t word_at(const unsigned char *words, size_t slot, size_t word_size)
{
	uint32_t half;
	uint64_t word;

	if (word_size == sizeof(half)) {
		memcpy(&half, words + slot * sizeof(half), sizeof(half));
		return half;
	}
	memcpy(&word, words + slot * sizeof(word), sizeof(word));
	return word;
}

int registers_from_status(const unsigned char *words, size_t len, unsigned machine, struct registers *ret)
{
	const struct layout *layout = find_layout(machine);

	if (!layout)
		return -ENOTSUP;
	if (len < (size_t)(layout->pc + 1) * layout->word_size)
		return -EBADMSG;
	*ret = (struct registers){
		.n = layout->n,
		.sp = layout->sp,
		.pc = word_at(words, layout->pc, layout->word_size),
		.word_size = layout->word_size,
	};
	for (size_t i = 0; i < layout->n; i++)
		ret->values[i] = word_at(words, layout->slots[i], layout->word_size);
	return 0;
}
