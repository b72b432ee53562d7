/* SPDX-License-Identifier: MIT */
#include "elf_image.h"

#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"

/* The headers of nearly all files lie in here, and one pread() is all that they cost. */
#define FIRST_PAGE 4096

/* Far more than any linker makes; what has more was made to keep its readers busy. */
#define SEGMENTS_MAX 256
#define NOTES_MAX 16
#define NOTE_SIZE_MAX (64 << 10)

static inline void cleanup_elf(Elf **elf)
{
	elf_end(*elf);
}

static inline void cleanup_image(struct image **image)
{
	image_free(*image);
}

#define _cleanup_elf_ _cleanup_(cleanup_elf)
#define _cleanup_image_ _cleanup_(cleanup_image)

static int compare_segments(const void *a, const void *b)
{
	const struct segment *x = a;
	const struct segment *y = b;

	return (x->vaddr > y->vaddr) - (x->vaddr < y->vaddr);
}

static int compare_sections(const void *a, const void *b)
{
	const struct section *x = a;
	const struct section *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static bool adds_up(uint64_t start, uint64_t size)
{
	return start <= UINT64_MAX - size;
}

static int add_segment(struct image *image, const GElf_Phdr *phdr, size_t *cap)
{
	if (phdr->p_memsz == 0)
		return 0;
	if (phdr->p_filesz > phdr->p_memsz || !adds_up(phdr->p_vaddr, phdr->p_memsz) ||
	    !adds_up(phdr->p_offset, phdr->p_filesz))
		return -EBADMSG;
	if (image->n_segments == SEGMENTS_MAX)
		return -EBADMSG;
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

/* Looks for NT_GNU_BUILD_ID among the notes of one PT_NOTE. False when they cannot be read. */
static bool read_build_id(Elf *elf, const GElf_Phdr *phdr, struct image *image)
{
	Elf_Type type = phdr->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR;
	Elf_Data *data;
	GElf_Nhdr note;
	size_t name, desc;

	if (phdr->p_filesz == 0 || phdr->p_filesz > NOTE_SIZE_MAX)
		return true;
	data = elf_getdata_rawchunk(elf, (int64_t)phdr->p_offset, phdr->p_filesz, type);
	if (!data)
		return false;
	for (size_t at = 0; (at = gelf_getnote(data, at, &note, &name, &desc)) > 0;) {
		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof("GNU") ||
		    memcmp((const char *)data->d_buf + name, "GNU", sizeof("GNU")) != 0 ||
		    note.n_descsz == 0 || note.n_descsz > BUILD_ID_MAX)
			continue;
		memcpy(image->build_id, (const char *)data->d_buf + desc, note.n_descsz);
		image->build_id_len = note.n_descsz;
		break;
	}
	return true;
}

/* Program headers. *ret_complete: false when some lie outside what `elf` was given. */
static int read_segments(Elf *elf, struct image *image, bool *ret_complete)
{
	size_t n, cap = 0, notes = 0;
	GElf_Phdr phdr;
	int r = 0;

	*ret_complete = true;
	if (elf_getphdrnum(elf, &n) != 0)
		return -EBADMSG;
	for (size_t i = 0; i < n && r == 0; i++) {
		if (!gelf_getphdr(elf, (int)i, &phdr)) {
			*ret_complete = false;
			return -EBADMSG;
		}
		if (phdr.p_type == PT_LOAD)
			r = add_segment(image, &phdr, &cap);
		else if (phdr.p_type == PT_NOTE && image->build_id_len == 0 && notes++ < NOTES_MAX)
			*ret_complete &= read_build_id(elf, &phdr, image);
		else if (phdr.p_type == PT_GNU_RELRO && adds_up(phdr.p_vaddr, phdr.p_memsz)) {
			image->relro_start = phdr.p_vaddr;
			image->relro_end = phdr.p_vaddr + phdr.p_memsz;
		}
	}
	if (r == 0 && image->n_segments == 0)
		r = -EBADMSG;
	return r;
}

static int sort_segments(struct image *image)
{
	qsort(image->segments, image->n_segments, sizeof(*image->segments), compare_segments);
	for (size_t i = 1; i < image->n_segments; i++)
		if (image->segments[i].vaddr < image->segments[i - 1].vaddr + image->segments[i - 1].memsz)
			return -EBADMSG;
	return 0;
}

/*
 * Whether a segment may hold more than its access rights say: code and constants together,
 * as where it begins with the ELF header (gold, -z noseparate-code), or code and data.
 */
static bool leaves_question(const struct segment *segment)
{
	return (segment->perms & PERM_X) && (segment->offset == 0 || (segment->perms & PERM_W));
}

static const struct segment *question_at(const struct image *image, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < image->n_segments; i++) {
		const struct segment *segment = &image->segments[i];

		if (leaves_question(segment) && start >= segment->vaddr &&
		    end <= segment->vaddr + segment->filesz)
			return segment;
	}
	return NULL;
}

static unsigned section_perms(uint64_t flags)
{
	return PERM_R | (flags & SHF_WRITE ? PERM_W : 0u) | (flags & SHF_EXECINSTR ? PERM_X : 0u);
}

/* Section headers may be missing or nonsense: they refine an image and never make it fail. */
static void read_sections(Elf *elf, struct image *image)
{
	size_t cap = 0;
	GElf_Shdr shdr;

	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));) {
		if (!gelf_getshdr(scn, &shdr) || !(shdr.sh_flags & SHF_ALLOC) || shdr.sh_type == SHT_NOBITS ||
		    shdr.sh_size == 0 || !adds_up(shdr.sh_addr, shdr.sh_size) ||
		    !question_at(image, shdr.sh_addr, shdr.sh_addr + shdr.sh_size))
			continue;
		mem_grow(image->sections, image->n_sections, cap);
		image->sections[image->n_sections++] = (struct section){
			.start = shdr.sh_addr,
			.end = shdr.sh_addr + shdr.sh_size,
			.perms = section_perms(shdr.sh_flags),
		};
	}
	if (image->n_sections == 0)
		return;
	qsort(image->sections, image->n_sections, sizeof(*image->sections), compare_sections);
	for (size_t i = 1; i < image->n_sections; i++)
		if (image->sections[i].start < image->sections[i - 1].end) {
			image->n_sections = 0;
			return;
		}
}

static bool has_question(const struct image *image)
{
	for (size_t i = 0; i < image->n_segments; i++)
		if (leaves_question(&image->segments[i]))
			return true;
	return false;
}

/*
 * From the `len` bytes that `elf` was given. *ret_more: whether the file has more to tell than
 * these do.
 */
static int read_image(Elf *elf, size_t len, struct image **ret, bool *ret_more)
{
	_cleanup_image_ struct image *image = mem_alloc(sizeof(*image));
	bool is_complete = true;
	GElf_Ehdr ehdr;
	int r;

	*ret_more = false;
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &ehdr) ||
	    (ehdr.e_type != ET_EXEC && ehdr.e_type != ET_DYN))
		return -ENOEXEC;
	/* libelf passes over headers that lie outside without a word. */
	if (ehdr.e_phoff > len || (size_t)ehdr.e_phnum * ehdr.e_phentsize > len - ehdr.e_phoff) {
		*ret_more = true;
		return -EBADMSG;
	}
	r = read_segments(elf, image, &is_complete);
	if (r == 0)
		r = sort_segments(image);
	*ret_more = !is_complete || (r == 0 && has_question(image));
	if (r < 0)
		return r;
	*ret = image;
	image = NULL;
	return 0;
}

int elf_image_parse(const void *page, size_t len, struct image **ret)
{
	_cleanup_elf_ Elf *elf = NULL;
	bool more;

	elf_version(EV_CURRENT);
	/* libelf reads what it is given; that its parameter is not const is history. */
	elf = elf_memory((char *)page, len);
	return read_image(elf, len, ret, &more);
}

/* The whole file at libelf's disposal: slower, and seldom needed. */
static int read_whole(int fd, struct image **ret)
{
	_cleanup_elf_ Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
	bool more;
	int r = read_image(elf, SIZE_MAX, ret, &more);

	if (r == 0 && has_question(*ret))
		read_sections(elf, *ret);
	return r;
}

int elf_image_read(int fd, struct image **ret)
{
	_Alignas(16) char page[FIRST_PAGE];
	struct image *image = NULL;
	_cleanup_elf_ Elf *elf = NULL;
	ssize_t n = pread(fd, page, sizeof(page), 0);
	bool more;
	int r;

	if (n < 0)
		return -errno;
	if (n < SELFMAG || memcmp(page, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	elf_version(EV_CURRENT);
	elf = elf_memory(page, (size_t)n);
	r = read_image(elf, (size_t)n, &image, &more);
	if (more) {
		image_free(image);
		return read_whole(fd, ret);
	}
	if (r == 0)
		*ret = image;
	return r;
}

size_t elf_image_build_id(int fd, unsigned char ret[BUILD_ID_MAX])
{
	_cleanup_image_ struct image *image = NULL;

	if (elf_image_read(fd, &image) < 0)
		return 0;
	memcpy(ret, image->build_id, image->build_id_len);
	return image->build_id_len;
}
