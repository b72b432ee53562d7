/* SPDX-License-Identifier: MIT */
#include "elf/handle.h"

#include <errno.h>
#include <gelf.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/range.h"
#include "elf/section_names.h"

/* Far more than any linker makes. */
#define SECTIONS_MAX (1 << 18)

/* Debug information compresses to a quarter, its strings to a tenth; up to INFLATED_MAX, any ratio is fine. */
#define INFLATION_MAX 16
#define INFLATED_MAX (UINT64_C(64) << 20)

/*
 * Sections that may be compressed: some thirty in honest files, since linkers merge those of one
 * name. libelf keeps what it reads of each, and goes through all of that for the next one.
 */
#define COMPRESSIBLE_MAX 4096

void elf_watch(void)
{
	errno = 0;
}

int elf_failure(void)
{
	switch (errno) {
	case 0:
	case EBADF:
	case EINVAL: /* a bad offset */
	case EOVERFLOW:
	case EFBIG:
	case ENOENT: /* a missing library that is loaded on demand */
	case ENOTTY:
	case EINTR:
		return 0;
	default:
		return -errno;
	}
}

/*
 * If there are more sections than e_shnum has room for, sh_size of the first one has their number,
 * which can be nearly anything in a sparse file.
 */
uint64_t elf_section_count(int fd)
{
	union {
		unsigned char bytes[sizeof(Elf64_Ehdr)];
		Elf32_Ehdr narrow;
		Elf64_Ehdr wide;
	} header;
	unsigned char size[sizeof(uint64_t)];
	bool is_narrow, is_big_endian;
	uint64_t n, at;
	size_t len;

	if (pread(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header))
		return 0;
	is_narrow = header.bytes[EI_CLASS] == ELFCLASS32;
	is_big_endian = header.bytes[EI_DATA] == ELFDATA2MSB;
	n = is_narrow ? bytes_number((const unsigned char *)&header.narrow.e_shnum, 2, is_big_endian) :
			bytes_number((const unsigned char *)&header.wide.e_shnum, 2, is_big_endian);
	if (n > 0)
		return n;
	len = is_narrow ? sizeof(header.narrow.e_shoff) : sizeof(header.wide.e_shoff);
	at = bytes_number(header.bytes +
				  (is_narrow ? offsetof(Elf32_Ehdr, e_shoff) : offsetof(Elf64_Ehdr, e_shoff)),
			  len, is_big_endian);
	if (at == 0)
		return 0;
	at += is_narrow ? offsetof(Elf32_Shdr, sh_size) : offsetof(Elf64_Shdr, sh_size);
	if (at > INT64_MAX || pread(fd, size, len, (off_t)at) != (ssize_t)len)
		return 0;
	return bytes_number(size, len, is_big_endian);
}

bool elf_is_excessive(int fd)
{
	return elf_section_count(fd) > SECTIONS_MAX;
}

Elf *elf_open(int fd)
{
	elf_version(EV_CURRENT);
	return elf_is_excessive(fd) ? NULL : elf_begin(fd, ELF_C_READ, NULL);
}

/* libelf takes the old format only from sections that are not loaded. */
static bool is_compressible(const GElf_Shdr *shdr)
{
	return (shdr->sh_flags & SHF_COMPRESSED) || !(shdr->sh_flags & SHF_ALLOC);
}

/* The size that a compressed section claims, in either format; 0 for any other section. */
static uint64_t claimed_size(Elf *elf, const GElf_Shdr *shdr)
{
	size_t wide = gelf_fsize(elf, ELF_T_CHDR, 1, EV_CURRENT);
	bool is_standard = shdr->sh_flags & SHF_COMPRESSED;
	Elf_Data *data;

	if (shdr->sh_type == SHT_NOBITS || shdr->sh_offset > INT64_MAX || shdr->sh_size < wide)
		return 0;
	data = elf_getdata_rawchunk(elf, (int64_t)shdr->sh_offset, wide,
				    is_standard ? ELF_T_CHDR : ELF_T_BYTE);
	if (!data || !data->d_buf)
		return 0;
	if (is_standard)
		return gelf_getclass(elf) == ELFCLASS32 ? ((const Elf32_Chdr *)data->d_buf)->ch_size :
							  ((const Elf64_Chdr *)data->d_buf)->ch_size;
	/* The old format: .zdebug_…, "ZLIB", and the size. */
	if (memcmp(data->d_buf, "ZLIB", 4) != 0)
		return 0;
	return bytes_number((const unsigned char *)data->d_buf + 4, MIN(wide - 4, sizeof(uint64_t)), true);
}

bool elf_is_inflated(Elf *elf)
{
	uint64_t packed = 0;
	uint64_t claimed = 0;
	size_t n = 0;
	GElf_Shdr shdr;

	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));) {
		uint64_t size;

		if (!gelf_getshdr(scn, &shdr) || !is_compressible(&shdr))
			continue;
		size = claimed_size(elf, &shdr);
		if (n++ == COMPRESSIBLE_MAX || !range_fits(claimed, size, INT64_MAX))
			return true;
		claimed += size;
		packed += MIN(shdr.sh_size, UINT32_MAX);
	}
	return claimed > MAX(INFLATED_MAX, packed * INFLATION_MAX);
}

Elf_Scn *elf_find_section(Elf *elf, const char *name)
{
	struct section_names names;
	GElf_Shdr shdr;

	section_names_init(&names, elf);
	for (Elf_Scn *scn = NULL; names.len > 0 && (scn = elf_nextscn(elf, scn));) {
		const char *its = gelf_getshdr(scn, &shdr) ? section_names_get(&names, &shdr) : NULL;

		if (its && strcmp(its, name) == 0)
			return scn;
	}
	return NULL;
}

const char *elf_section_bytes(Elf *elf, const char *name, size_t max, size_t *ret_len)
{
	Elf_Scn *scn = elf_find_section(elf, name);
	Elf_Data *data;
	GElf_Shdr shdr;

	if (!scn || !gelf_getshdr(scn, &shdr) || shdr.sh_type == SHT_NOBITS ||
	    (shdr.sh_flags & SHF_COMPRESSED) || shdr.sh_size > max)
		return NULL;
	data = elf_rawdata(scn, NULL);
	if (!data || !data->d_buf)
		return NULL;
	*ret_len = data->d_size;
	return data->d_buf;
}
