/* SPDX-License-Identifier: MIT */
#include "elf/security_traits.h"

#include <endian.h>
#include <errno.h>
#include <gelf.h>
#include <string.h>

#include "base/util.h"
#include "elf/dynamic.h"
#include "elf/handle.h"

/* A file with more was made to keep its readers busy. */
#define HEADERS_MAX 4096
#define NOTES_SIZE_MAX (64 << 10)
#define ALL_NOTES_MAX (1 << 20) /* libelf keeps what it reads: some hundred bytes in honest files */

#define RELOCATION_MAX 24 /* bytes of the largest one */

/* elf.h of old systems lacks some of them. */
#define PROPERTY_X86_FEATURES 0xc0000002
#define PROPERTY_ARM_FEATURES 0xc0000000
#define NOTE_PROPERTIES 5
#define X86_IBT 1u
#define X86_SHSTK 2u
#define ARM_BTI 1u
#define ARM_GCS 4u

/* ---- the dynamic section ---- */

static bool has_entry(const struct dynamic *dynamic, int64_t tag)
{
	uint64_t value;

	return dynamic_value(dynamic, tag, &value) && value > 0;
}

static bool has_flag(const struct dynamic *dynamic, int64_t tag, uint64_t flag)
{
	uint64_t value;

	return dynamic_value(dynamic, tag, &value) && (value & flag);
}

static bool has_tag(const struct dynamic *dynamic, int64_t tag)
{
	uint64_t value;

	return dynamic_value(dynamic, tag, &value);
}

/*
 * Where the address of the first call is. Its relocation says so; the table itself (DT_PLTGOT)
 * begins with words for the loader, which may be in another page.
 */
static bool find_calls(const struct dynamic *dynamic, uint64_t *ret)
{
	uint64_t addr, size, type;
	Elf_Data *data;
	GElf_Rela rela;
	GElf_Rel rel;

	if (!dynamic_value(dynamic, DT_JMPREL, &addr) || !dynamic_value(dynamic, DT_PLTRELSZ, &size) ||
	    !dynamic_value(dynamic, DT_PLTREL, &type) || size == 0)
		return false;
	data = dynamic_data(dynamic, addr, MIN(size, RELOCATION_MAX),
			    type == DT_RELA ? ELF_T_RELA : ELF_T_REL);
	if (data && type == DT_RELA && gelf_getrela(data, 0, &rela)) {
		*ret = rela.r_offset;
		return true;
	}
	if (data && type != DT_RELA && gelf_getrel(data, 0, &rel)) {
		*ret = rel.r_offset;
		return true;
	}
	return false;
}

static void read_dynamic(Elf *elf, struct traits *ret)
{
	struct dynamic dynamic;

	dynamic_init(&dynamic, elf);
	ret->has_relocations = has_entry(&dynamic, DT_RELASZ) || has_entry(&dynamic, DT_RELSZ) ||
			       has_entry(&dynamic, DT_PLTRELSZ) || has_entry(&dynamic, DT_RELRSZ);
	ret->has_text_relocations = has_tag(&dynamic, DT_TEXTREL) || has_flag(&dynamic, DT_FLAGS, DF_TEXTREL);
	ret->has_lazy_calls = find_calls(&dynamic, &ret->calls) && !has_tag(&dynamic, DT_BIND_NOW) &&
			      !has_flag(&dynamic, DT_FLAGS, DF_BIND_NOW) &&
			      !has_flag(&dynamic, DT_FLAGS_1, DF_1_NOW);
	ret->is_program |= has_flag(&dynamic, DT_FLAGS_1, DF_1_PIE);
	dynamic_done(&dynamic);
}

/* ---- marks ---- */

/* Both machines that have marks are little-endian; the one that memmap runs on need not be. */
static uint32_t read_word(const char *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return le32toh(word);
}

static unsigned find_marks(const char *bytes, size_t len, size_t align, unsigned machine)
{
	bool is_arm = machine == EM_AARCH64;

	while (len >= 8) {
		uint32_t type = read_word(bytes);
		size_t size = read_word(bytes + 4);
		size_t step = (8 + size + align - 1) & ~(align - 1);

		if (size > len - 8)
			break;
		if (size >= 4 && type == (is_arm ? PROPERTY_ARM_FEATURES : PROPERTY_X86_FEATURES)) {
			uint32_t bits = read_word(bytes + 8);

			return (bits & (is_arm ? ARM_BTI : X86_IBT) ? MARK_BRANCHES : 0u) |
			       (bits & (is_arm ? ARM_GCS : X86_SHSTK) ? MARK_SHADOW_STACK : 0u);
		}
		if (step > len)
			break;
		bytes += step;
		len -= step;
	}
	return 0;
}

/* `left`: how many bytes may still be read of all notes. 0, or -E2BIG: there are more. */
static int read_marks(Elf *elf, const GElf_Phdr *phdr, const GElf_Ehdr *ehdr, uint64_t *left,
		      struct traits *ret)
{
	size_t align = ehdr->e_ident[EI_CLASS] == ELFCLASS64 ? 8 : 4;
	GElf_Nhdr note;
	size_t name, desc;
	Elf_Data *data;

	if (phdr->p_filesz == 0 || phdr->p_filesz > NOTES_SIZE_MAX || phdr->p_offset > INT64_MAX ||
	    ehdr->e_ident[EI_DATA] != ELFDATA2LSB)
		return 0;
	if (phdr->p_filesz > *left)
		return -E2BIG;
	*left -= phdr->p_filesz;
	data = elf_getdata_rawchunk(elf, (int64_t)phdr->p_offset, phdr->p_filesz,
				    phdr->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
	for (size_t at = 0; data && (at = gelf_getnote(data, at, &note, &name, &desc)) > 0;)
		if (note.n_type == NOTE_PROPERTIES && note.n_namesz == sizeof("GNU") &&
		    memcmp((const char *)data->d_buf + name, "GNU", sizeof("GNU")) == 0) {
			ret->marks |= find_marks((const char *)data->d_buf + desc, note.n_descsz, align,
						 ehdr->e_machine);
			break;
		}
	return 0;
}

/* ---- program headers ---- */

/* `left`, and the result: as of read_marks(). */
static int read_header(Elf *elf, const GElf_Phdr *phdr, const GElf_Ehdr *ehdr, uint64_t *left,
		       struct traits *ret)
{
	switch (phdr->p_type) {
	case PT_GNU_STACK:
		ret->stack = phdr->p_flags & PF_X ? STACK_EXECUTABLE : STACK_PLAIN;
		break;
	case PT_GNU_RELRO:
		ret->has_relro = true;
		break;
	case PT_INTERP:
		ret->is_program = ret->has_loader = true;
		break;
	case PT_DYNAMIC:
		ret->is_dynamic = true;
		break;
	case PT_NOTE:
		return read_marks(elf, phdr, ehdr, left, ret);
	default:
		break;
	}
	return 0;
}

int elf_traits_read(int fd, struct traits *ret)
{
	_cleanup_elf_ Elf *elf = NULL;
	GElf_Ehdr ehdr;
	GElf_Phdr phdr;
	uint64_t left = ALL_NOTES_MAX;
	size_t n;
	int r = 0;

	*ret = (struct traits){ 0 };
	elf_version(EV_CURRENT);
	elf_watch();
	elf = elf_open(fd);
	if (!elf || !gelf_getehdr(elf, &ehdr) || elf_getphdrnum(elf, &n) != 0)
		return elf_failure() < 0 ? elf_failure() : -ENOEXEC;
	for (size_t i = 0; r == 0 && i < MIN(n, HEADERS_MAX) && gelf_getphdr(elf, (int)i, &phdr); i++)
		r = read_header(elf, &phdr, &ehdr, &left, ret);
	ret->machine = ehdr.e_machine;
	ret->is_fixed = ehdr.e_type == ET_EXEC;
	ret->is_program |= ret->is_fixed;
	if (ret->is_dynamic)
		read_dynamic(elf, ret);
	r = elf_failure() < 0 ? elf_failure() : r;
	ret->is_known = r == 0;
	return r;
}
