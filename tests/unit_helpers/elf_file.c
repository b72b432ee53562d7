/* SPDX-License-Identifier: MIT */
#include "elf_file.h"

#include <criterion/criterion.h>
#include <gelf.h>
#include <string.h>

#define SECTIONS_AT 4096

/* libelf's translation between memory and file knows all widths and byte orders. */
static void put(const struct elf_file *file, unsigned char *to, void *from, size_t size, Elf_Type type)
{
	Elf_Data source = { .d_buf = from, .d_type = type, .d_version = EV_CURRENT, .d_size = size };
	Elf_Data target = { .d_buf = to, .d_version = EV_CURRENT, .d_size = size };
	unsigned order = file->big_endian ? ELFDATA2MSB : ELFDATA2LSB;

	cr_assert_not_null(file->narrow ? elf32_xlatetof(&target, &source, order) :
					  elf64_xlatetof(&target, &source, order));
}

static void put_header(const struct elf_file *file, unsigned char *bytes)
{
	Elf64_Ehdr h = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = (Elf64_Half)file->type,
		.e_machine = (Elf64_Half)(file->machine ? file->machine : EM_X86_64),
		.e_version = EV_CURRENT,
		.e_phoff = file->headers_at ? file->headers_at : sizeof(h),
		.e_ehsize = sizeof(h),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (Elf64_Half)file->n_segments,
		.e_shentsize = sizeof(Elf64_Shdr),
	};
	Elf32_Ehdr narrow;

	if (file->n_sections) {
		h.e_shoff = SECTIONS_AT;
		h.e_shnum = (Elf64_Half)(file->n_sections + 1);
	}
	if (file->big_endian)
		h.e_ident[EI_DATA] = ELFDATA2MSB;
	if (!file->narrow) {
		put(file, bytes, &h, sizeof(h), ELF_T_EHDR);
		return;
	}
	h.e_ident[EI_CLASS] = ELFCLASS32;
	narrow = (Elf32_Ehdr){
		.e_type = h.e_type,
		.e_machine = (Elf32_Half)(file->machine ? file->machine : EM_386),
		.e_version = EV_CURRENT,
		.e_phoff = (Elf32_Off)h.e_phoff,
		.e_ehsize = sizeof(narrow),
		.e_phentsize = sizeof(Elf32_Phdr),
		.e_phnum = h.e_phnum,
		.e_shoff = (Elf32_Off)h.e_shoff,
		.e_shentsize = sizeof(Elf32_Shdr),
		.e_shnum = h.e_shnum,
	};
	memcpy(narrow.e_ident, h.e_ident, sizeof(h.e_ident));
	put(file, bytes, &narrow, sizeof(narrow), ELF_T_EHDR);
}

static void put_segment(const struct elf_file *file, unsigned char *table, size_t i)
{
	Elf64_Phdr h = file->segments[i];
	Elf32_Phdr narrow = {
		.p_type = h.p_type,
		.p_offset = (Elf32_Off)h.p_offset,
		.p_vaddr = (Elf32_Addr)h.p_vaddr,
		.p_filesz = (Elf32_Word)h.p_filesz,
		.p_memsz = (Elf32_Word)h.p_memsz,
		.p_flags = h.p_flags,
		.p_align = (Elf32_Word)h.p_align,
	};

	if (file->narrow)
		put(file, table + i * sizeof(narrow), &narrow, sizeof(narrow), ELF_T_PHDR);
	else
		put(file, table + i * sizeof(h), &h, sizeof(h), ELF_T_PHDR);
}

static void put_section(const struct elf_file *file, unsigned char *table, size_t i)
{
	Elf64_Shdr h = file->sections[i];
	Elf32_Shdr narrow = {
		.sh_type = h.sh_type,
		.sh_flags = (Elf32_Word)h.sh_flags,
		.sh_addr = (Elf32_Addr)h.sh_addr,
		.sh_offset = (Elf32_Off)h.sh_offset,
		.sh_size = (Elf32_Word)h.sh_size,
		.sh_link = h.sh_link,
		.sh_info = h.sh_info,
		.sh_addralign = (Elf32_Word)h.sh_addralign,
		.sh_entsize = (Elf32_Word)h.sh_entsize,
	};

	if (file->narrow)
		put(file, table + (i + 1) * sizeof(narrow), &narrow, sizeof(narrow), ELF_T_SHDR);
	else
		put(file, table + (i + 1) * sizeof(h), &h, sizeof(h), ELF_T_SHDR);
}

static void put_symbol(const struct elf_file *file, unsigned char *table, size_t i)
{
	Elf64_Sym h = file->symbols[i];
	Elf32_Sym narrow = {
		.st_name = h.st_name,
		.st_value = (Elf32_Addr)h.st_value,
		.st_size = (Elf32_Word)h.st_size,
		.st_info = h.st_info,
		.st_shndx = h.st_shndx,
	};

	if (file->narrow)
		put(file, table + i * sizeof(narrow), &narrow, sizeof(narrow), ELF_T_SYM);
	else
		put(file, table + i * sizeof(h), &h, sizeof(h), ELF_T_SYM);
}

void elf_file_write(const struct elf_file *file, unsigned char bytes[ELF_FILE_SIZE])
{
	size_t headers_at = file->headers_at ? file->headers_at : sizeof(Elf64_Ehdr);

	elf_version(EV_CURRENT);
	memset(bytes, 0, ELF_FILE_SIZE);
	put_header(file, bytes);
	for (size_t i = 0; i < file->n_segments; i++)
		put_segment(file, bytes + headers_at, i);
	for (size_t i = 0; i < file->n_sections; i++)
		put_section(file, bytes + SECTIONS_AT, i);
	for (size_t i = 0; i < file->n_symbols; i++)
		put_symbol(file, bytes + SYMBOLS_AT, i);
	if (file->names)
		memcpy(bytes + NAMES_AT, file->names, file->names_len);
	if (file->note)
		memcpy(bytes + NOTE_AT, file->note, file->note_len);
}
