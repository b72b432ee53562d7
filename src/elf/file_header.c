/* SPDX-License-Identifier: MIT */
#include "elf/file_header.h"

#include <errno.h>
#include <gelf.h>
#include <limits.h>
#include <string.h>

#include "base/mem.h"
#include "elf/handle.h"

/* A longer one was made to keep its readers busy. */
#define DYNAMIC_SIZE_MAX (64 << 10)

/* A piece of the file that a program header points at; NULL when it is not available. */
static Elf_Data *read_piece(Elf *elf, const GElf_Phdr *phdr, size_t max, Elf_Type type)
{
	if (phdr->p_filesz == 0 || phdr->p_filesz > max)
		return NULL;
	return elf_getdata_rawchunk(elf, (int64_t)phdr->p_offset, (size_t)phdr->p_filesz, type);
}

static void read_interpreter(Elf *elf, const GElf_Phdr *phdr, struct elf_header *header)
{
	Elf_Data *data = read_piece(elf, phdr, PATH_MAX, ELF_T_BYTE);

	if (!data)
		return;
	header->interpreter_len = strnlen(data->d_buf, data->d_size);
	header->interpreter = mem_copy(data->d_buf, header->interpreter_len);
}

/* What the dynamic section says about the type of the file. */
struct dynamic {
	bool is_pie, has_soname;
};

/* A loader looks at one of each; libelf would keep every one of thousands in memory. */
struct pieces {
	GElf_Phdr interpreter, dynamic; /* p_type is PT_NULL if there is none */
};

static void find_pieces(Elf *elf, size_t n, struct pieces *ret)
{
	GElf_Phdr phdr;

	*ret = (struct pieces){ 0 };
	for (size_t i = 0; i < n && gelf_getphdr(elf, (int)i, &phdr); i++)
		if (phdr.p_type == PT_INTERP && ret->interpreter.p_type == PT_NULL)
			ret->interpreter = phdr;
		else if (phdr.p_type == PT_DYNAMIC && ret->dynamic.p_type == PT_NULL)
			ret->dynamic = phdr;
}

static void read_dynamic(Elf *elf, const GElf_Phdr *phdr, struct dynamic *ret)
{
	Elf_Data *data = read_piece(elf, phdr, DYNAMIC_SIZE_MAX, ELF_T_DYN);
	GElf_Dyn entry;

	for (int i = 0; data && gelf_getdyn(data, i, &entry) && entry.d_tag != DT_NULL; i++) {
		ret->is_pie |= entry.d_tag == DT_FLAGS_1 && (entry.d_un.d_val & DF_1_PIE);
		ret->has_soname |= entry.d_tag == DT_SONAME;
	}
}

/*
 * Old linkers do not mark position-independent executables. These have a loader but no soname; a C
 * library may have a loader, too, but has a soname.
 */
static enum elf_type type_of(const GElf_Ehdr *ehdr, const struct elf_header *header,
			     const struct dynamic *dynamic)
{
	if (ehdr->e_type == ET_EXEC)
		return ELF_EXECUTABLE;
	return dynamic->is_pie || (header->interpreter && !dynamic->has_soname) ? ELF_PIE : ELF_SHARED;
}

static bool covers(const GElf_Shdr *shdr, uint64_t addr)
{
	return (shdr->sh_flags & SHF_ALLOC) && addr >= shdr->sh_addr && addr - shdr->sh_addr < shdr->sh_size;
}

/*
 * A separate debug file has the headers of its program, but sections without contents: all code
 * sections, and the one with the entry point. A program may have an empty code section as well.
 */
static bool has_no_code(Elf *elf, uint64_t entry)
{
	size_t n_empty = 0, n_full = 0;
	bool has_entry = false;
	GElf_Shdr shdr;

	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));) {
		if (!gelf_getshdr(scn, &shdr) || shdr.sh_size == 0)
			continue;
		has_entry |= shdr.sh_type == SHT_NOBITS && covers(&shdr, entry);
		if (shdr.sh_flags & SHF_EXECINSTR)
			*(shdr.sh_type == SHT_NOBITS ? &n_empty : &n_full) += 1;
	}
	return n_empty > 0 && n_full == 0 && (entry == 0 || has_entry);
}

int elf_header_read(int fd, struct elf_header *ret)
{
	_cleanup_elf_ Elf *elf = NULL;
	struct dynamic dynamic = { 0 };
	struct pieces pieces;
	GElf_Ehdr ehdr;
	size_t n;

	elf_watch();
	if (elf_is_excessive(fd))
		return -E2BIG;
	elf = elf_open(fd);
	if (!elf || !gelf_getehdr(elf, &ehdr) || elf_getphdrnum(elf, &n) != 0)
		return elf_failure() < 0 ? elf_failure() : -EBADMSG;
	*ret = (struct elf_header){
		.word_size = ehdr.e_ident[EI_CLASS] == ELFCLASS32 ? 4 : 8,
		.is_big_endian = ehdr.e_ident[EI_DATA] == ELFDATA2MSB,
		.is_debug_file = has_no_code(elf, ehdr.e_entry),
		.machine = ehdr.e_machine,
	};
	find_pieces(elf, n, &pieces);
	read_interpreter(elf, &pieces.interpreter, ret);
	read_dynamic(elf, &pieces.dynamic, &dynamic);
	ret->type = type_of(&ehdr, ret, &dynamic);
	return elf_failure();
}
