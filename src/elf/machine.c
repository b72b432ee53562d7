/* SPDX-License-Identifier: MIT */
#include "elf/machine.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/util.h"

#ifndef EM_LOONGARCH /* newer than musl 1.2.3 */
#define EM_LOONGARCH 258
#endif

static const struct machine {
	uint16_t number;
	uint16_t page_size; /* 0: the usual one */
	const char *name;
} machines[] = {
	{ EM_X86_64, 0, "x86-64" },
	{ EM_AARCH64, 0, "AArch64" },
	{ EM_386, 0, "i386" },
	{ EM_ARM, 0, "ARM" },
	{ EM_RISCV, 0, "RISC-V" },
	{ EM_PPC64, 0, "PowerPC64" },
	{ EM_PPC, 0, "PowerPC" },
	{ EM_S390, 0, "S/390" },
	{ EM_MIPS, 0, "MIPS" },
	{ EM_LOONGARCH, 0, "LoongArch" },
	{ EM_SPARC, 0, "SPARC" },
	{ EM_SPARC32PLUS, 8192, "SPARC V8+" },
	{ EM_SPARCV9, 8192, "SPARC V9" },
	{ EM_ALPHA, 8192, "Alpha" },
	{ EM_PARISC, 0, "PA-RISC" },
	{ EM_68K, 0, "m68k" },
	{ EM_SH, 0, "SuperH" },
	{ EM_IA_64, 0, "IA-64" },
	{ EM_OPENRISC, 8192, "OpenRISC" },
	{ EM_CSKY, 0, "C-SKY" },
	{ EM_QDSP6, 0, "Hexagon" },
	{ EM_MICROBLAZE, 0, "MicroBlaze" },
	{ EM_ALTERA_NIOS2, 0, "Nios II" },
	{ EM_XTENSA, 0, "Xtensa" },
};

static const struct machine *find(unsigned number)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (machines[i].number == number)
			return &machines[i];
	return NULL;
}

void machine_name(char *buf, unsigned number)
{
	const struct machine *machine = find(number);

	if (machine)
		snprintf(buf, MACHINE_NAME_MAX, "%s", machine->name);
	else
		snprintf(buf, MACHINE_NAME_MAX, "machine %u", number);
}

bool machine_find(const char *name, unsigned *ret)
{
	char own_name[MACHINE_NAME_MAX];
	uint64_t number;

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (strcmp(machines[i].name, name) == 0) {
			*ret = machines[i].number;
			return true;
		}
	if (strncmp(name, "machine ", 8) != 0 || !text_parse_u64(name + 8, 10, &number) ||
	    number > UINT16_MAX)
		return false;
	*ret = (unsigned)number;
	machine_name(own_name, *ret);
	return strcmp(own_name, name) == 0;
}

uint64_t machine_page_size(unsigned number)
{
	const struct machine *machine = find(number);

	return machine && machine->page_size ? machine->page_size : 4096;
}
