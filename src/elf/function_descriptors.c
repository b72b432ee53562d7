/* SPDX-License-Identifier: MIT */
#include "elf/function_descriptors.h"

#include <string.h>

#include "base/util.h"

#define DESCRIPTORS_SIZE_MAX (UINT64_C(64) << 20) /* of all sections: a linker makes one, .opd */
#define ABI_MASK 3				  /* of e_flags: 0 and 1 have descriptors, 2 does not */

bool descriptors_are_used(Elf *elf)
{
	GElf_Ehdr ehdr;

	return gelf_getehdr(elf, &ehdr) && ehdr.e_machine == EM_PPC64 && (ehdr.e_flags & ABI_MASK) != 2;
}

void descriptors_init(struct descriptors *descriptors, Elf *elf, Elf *main)
{
	*descriptors = (struct descriptors){
		.are_used = descriptors_are_used(elf),
		.budget = DESCRIPTORS_SIZE_MAX,
	};
	if (descriptors->are_used)
		dynamic_init(&descriptors->file, main ? main : elf);
}

void descriptors_done(struct descriptors *descriptors)
{
	dynamic_done(&descriptors->file);
}

bool descriptors_code(struct descriptors *descriptors, uint64_t start, uint64_t end, uint64_t addr,
		      uint64_t *ret)
{
	uint64_t at = addr - start;

	if (!descriptors->words || descriptors->start != start) {
		descriptors->start = start;
		descriptors->words = dynamic_data(&descriptors->file, start,
						  MIN(end - start, descriptors->budget), ELF_T_XWORD);
		descriptors->budget -= descriptors->words ? descriptors->words->d_size : 0;
	}
	if (!descriptors->words || addr < start || at % sizeof(*ret) != 0 || at >= descriptors->words->d_size)
		return false;
	memcpy(ret, (const char *)descriptors->words->d_buf + at, sizeof(*ret));
	return true;
}
