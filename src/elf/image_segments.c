/* SPDX-License-Identifier: MIT */
#include "elf/image_segments.h"

#include <errno.h>

#include "base/mem.h"
#include "base/range.h"
#include "elf/build_id.h"
#include "model/perms.h"

/* No loader reads more: only core files have more program headers. */
#define HEADERS_MAX UINT16_MAX

static int add_segment(struct image *image, const GElf_Phdr *phdr, size_t *cap)
{
	if (phdr->p_memsz == 0)
		return 0;
	if (phdr->p_filesz > phdr->p_memsz || !range_fits(phdr->p_vaddr, phdr->p_memsz, UINT64_MAX) ||
	    !range_fits(phdr->p_offset, phdr->p_filesz, UINT64_MAX))
		return -EBADMSG;
	if (image->n_segments == 0)
		image->base = phdr->p_vaddr & -phdr->p_align;
	mem_grow(image->segments, image->n_segments, *cap);
	image->segments[image->n_segments++] = (struct segment){
		.vaddr = phdr->p_vaddr,
		.offset = phdr->p_offset,
		.filesz = phdr->p_filesz,
		.memsz = phdr->p_memsz,
		.perms = phdr->p_flags & (PF_R | PF_W | PF_X),
	};
	return 0;
}

_Static_assert(PF_R == PERM_R && PF_W == PERM_W && PF_X == PERM_X, "p_flags are perms");

/* Program headers other than those of segments. */
static void read_other(const GElf_Phdr *phdr, struct image *image)
{
	if (!range_fits(phdr->p_vaddr, phdr->p_memsz, UINT64_MAX))
		return;
	if (phdr->p_type == PT_GNU_RELRO) {
		image->relro_start = phdr->p_vaddr;
		image->relro_end = phdr->p_vaddr + phdr->p_memsz;
	} else if (phdr->p_type == PT_GNU_EH_FRAME) {
		image->eh_frame = phdr->p_vaddr;
	}
}

/* Segments may overlap: a loader maps one after the other, and the later one wins. */
static void sort_segments(struct image *image)
{
	range_sort(image->segments, image->n_segments, sizeof(*image->segments));
	for (size_t i = 0; i < image->n_segments; i++)
		image->end = MAX(image->end, image->segments[i].vaddr + image->segments[i].memsz);
}

int image_read_segments(Elf *elf, bool want_build_id, struct image_budget *budget, struct image *image,
			bool *ret_complete)
{
	size_t n, cap = 0, notes = 0;
	GElf_Phdr phdr;
	int r;

	*ret_complete = true;
	if (elf_getphdrnum(elf, &n) != 0 || n > HEADERS_MAX)
		return -EBADMSG;
	r = image_budget_take(budget, n);
	for (size_t i = 0; i < n && r == 0; i++) {
		if (!gelf_getphdr(elf, (int)i, &phdr)) {
			*ret_complete = false;
			return -EBADMSG;
		}
		if (phdr.p_type == PT_LOAD) {
			r = add_segment(image, &phdr, &cap);
		} else if (phdr.p_type == PT_NOTE && want_build_id && image->build_id_len == 0 &&
			   notes++ < ELF_NOTES_MAX) {
			r = image_budget_take_bytes(budget, MIN(phdr.p_filesz, ELF_NOTES_SIZE_MAX));
			*ret_complete &=
				image_read_build_id(elf, phdr.p_offset, phdr.p_filesz, phdr.p_align, image);
		} else {
			read_other(&phdr, image);
		}
	}
	if (r == 0 && image->n_segments == 0)
		r = -EBADMSG;
	if (r == 0)
		sort_segments(image);
	return r;
}
