/* SPDX-License-Identifier: MIT */
#include "elf/section_names.h"

#include <string.h>

#define NAMES_SIZE_MAX (16 << 20) /* a file with more was made to keep its readers busy */

void section_names_init(struct section_names *names, Elf *elf)
{
	size_t index;
	GElf_Shdr shdr;
	Elf_Data *data;
	const char *end;

	*names = (struct section_names){ 0 };
	if (elf_getshdrstrndx(elf, &index) != 0 || !gelf_getshdr(elf_getscn(elf, index), &shdr))
		return;
	names->are_too_large = shdr.sh_size > NAMES_SIZE_MAX;
	if (names->are_too_large || shdr.sh_type != SHT_STRTAB || (shdr.sh_flags & SHF_COMPRESSED))
		return;
	data = elf_rawdata(elf_getscn(elf, index), NULL);
	if (!data || !data->d_buf)
		return;
	end = memrchr(data->d_buf, '\0', data->d_size);
	names->text = data->d_buf;
	names->len = end ? (size_t)(end - names->text) + 1 : 0;
}

const char *section_names_get(const struct section_names *names, const GElf_Shdr *shdr)
{
	return shdr->sh_name < names->len ? names->text + shdr->sh_name : NULL;
}
