/* SPDX-License-Identifier: MIT */
#include "elf/build_id.h"

#include <errno.h>
#include <string.h>

#include "elf/handle.h"
#include "elf/read_image.h"

/* Looks for NT_GNU_BUILD_ID among some notes. */
static void find_build_id(Elf_Data *notes, struct image *image)
{
	GElf_Nhdr note;
	size_t name, desc;

	for (size_t at = 0; (at = gelf_getnote(notes, at, &note, &name, &desc)) > 0;) {
		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof("GNU") ||
		    memcmp((const char *)notes->d_buf + name, "GNU", sizeof("GNU")) != 0 ||
		    note.n_descsz == 0 || note.n_descsz > BUILD_ID_MAX)
			continue;
		memcpy(image->build_id, (const char *)notes->d_buf + desc, note.n_descsz);
		image->build_id_len = note.n_descsz;
		break;
	}
}

bool image_read_build_id(Elf *elf, uint64_t offset, uint64_t len, uint64_t align, struct image *image)
{
	Elf_Type type = align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR;
	Elf_Data *data;

	if (len == 0 || len > ELF_NOTES_SIZE_MAX)
		return true;
	data = elf_getdata_rawchunk(elf, (int64_t)offset, (size_t)len, type);
	if (!data)
		return false;
	find_build_id(data, image);
	return true;
}

/*
 * Separate debug files may have the program headers of the whole file, whose offsets mean nothing
 * in them; their section headers are right.
 */
int elf_image_find_build_id(int fd, struct image_budget *budget, struct image *image)
{
	_cleanup_elf_ Elf *elf = NULL;
	size_t notes = 0;
	GElf_Shdr shdr;

	if (image_budget_take(budget, elf_section_count(fd)) < 0)
		return -ENOBUFS;
	elf_watch();
	elf = elf_open(fd);
	for (Elf_Scn *scn = NULL; image->build_id_len == 0 && (scn = elf_nextscn(elf, scn));)
		if (gelf_getshdr(scn, &shdr) && shdr.sh_type == SHT_NOTE && notes++ < ELF_NOTES_MAX)
			image_read_build_id(elf, shdr.sh_offset, shdr.sh_size, shdr.sh_addralign, image);
	return elf_failure();
}

ssize_t elf_image_build_id(int fd, unsigned char ret[BUILD_ID_MAX])
{
	_cleanup_image_ struct image *image = NULL;
	struct image_budget budget = image_budget();
	int r = elf_image_read(fd, false, &budget, &image);

	if (r < 0)
		return r;
	if (image->build_id_len == 0)
		r = elf_image_find_build_id(fd, &budget, image);
	if (r < 0)
		return r;
	memcpy(ret, image->build_id, image->build_id_len);
	return (ssize_t)image->build_id_len;
}
