/* SPDX-License-Identifier: MIT */
#include "elf/read_image.h"

#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/range.h"
#include "elf/handle.h"

/* The headers of nearly all files lie in here, and one pread() is all that they cost. */
#define FIRST_PAGE 4096

/* No loader counts further: only core files have more program headers. */
#define HEADERS_MAX UINT16_MAX

/* What has more was made to keep its readers busy. */
#define NAMES_SIZE_MAX (16 << 20)
#define NOTES_MAX 16
#define NOTE_SIZE_MAX (64 << 10)

static inline void cleanup_image(struct image **image)
{
	image_free(*image);
}

#define _cleanup_image_ _cleanup_(cleanup_image)

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

/* `len` bytes of notes at an offset in the file. False when they cannot be read. */
static bool read_build_id(Elf *elf, uint64_t offset, uint64_t len, uint64_t align, struct image *image)
{
	Elf_Type type = align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR;
	Elf_Data *data;

	if (len == 0 || len > NOTE_SIZE_MAX)
		return true;
	data = elf_getdata_rawchunk(elf, (int64_t)offset, (size_t)len, type);
	if (!data)
		return false;
	find_build_id(data, image);
	return true;
}

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

/* Program headers. *ret_complete: false when some of what is wanted lies outside what `elf` was given. */
static int read_segments(Elf *elf, bool want_build_id, struct image *image, bool *ret_complete)
{
	size_t n, cap = 0, notes = 0;
	GElf_Phdr phdr;
	int r = 0;

	*ret_complete = true;
	if (elf_getphdrnum(elf, &n) != 0 || n > HEADERS_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < n && r == 0; i++) {
		if (!gelf_getphdr(elf, (int)i, &phdr)) {
			*ret_complete = false;
			return -EBADMSG;
		}
		if (phdr.p_type == PT_LOAD)
			r = add_segment(image, &phdr, &cap);
		else if (phdr.p_type == PT_NOTE && want_build_id && image->build_id_len == 0 &&
			 notes++ < NOTES_MAX)
			*ret_complete &=
				read_build_id(elf, phdr.p_offset, phdr.p_filesz, phdr.p_align, image);
		else
			read_other(&phdr, image);
	}
	if (r == 0 && image->n_segments == 0)
		r = -EBADMSG;
	return r;
}

/* They may overlap: a loader maps one after the other, and what comes later counts. */
static void sort_segments(struct image *image)
{
	range_sort(image->segments, image->n_segments, sizeof(*image->segments));
	for (size_t i = 0; i < image->n_segments; i++)
		image->end = MAX(image->end, image->segments[i].vaddr + image->segments[i].memsz);
}

static bool holds(const struct segment *segment, uint64_t start, uint64_t end)
{
	return start >= segment->vaddr && end <= segment->vaddr + segment->filesz;
}

/*
 * Whether constants are known to lie apart from code: linkers put the table of unwind information
 * where they put constants. One more segment of code may be a tool's, that has put all into it.
 */
static bool has_code_apart(const struct image *image)
{
	size_t n_code = 0;
	bool is_apart = false;

	for (size_t i = 0; i < image->n_segments; i++) {
		const struct segment *segment = &image->segments[i];

		n_code += (segment->perms & PERM_X) != 0;
		is_apart |=
			!(segment->perms & PERM_X) && holds(segment, image->eh_frame, image->eh_frame + 1);
	}
	return image->eh_frame != 0 && is_apart && n_code < 2;
}

/*
 * Whether a segment may hold more than its access rights say: code and constants together, as where
 * it begins with the ELF header (gold, -z noseparate-code) or with what once lay behind that
 * (patchelf), or code and data.
 */
static bool leaves_question(const struct image *image, const struct segment *segment)
{
	return (segment->perms & PERM_X) &&
	       (segment->offset == 0 || (segment->perms & PERM_W) || !image->has_code_apart);
}

/*
 * Whether memory behind what the file has of a segment is made read-only: that is what fills up a
 * page, or copies of constants (lld's .bss.rel.ro), which only sections tell apart.
 */
static bool has_relro_zeroes(const struct image *image, const struct segment *segment)
{
	uint64_t start = segment->vaddr + segment->filesz;

	return (segment->perms & PERM_W) && segment->memsz > segment->filesz && start >= image->relro_start &&
	       start < image->relro_end;
}

/* Whether a section decides what is in a segment, which brings it along. */
static bool is_question(const struct image *image, const struct segment *segment, const GElf_Shdr *shdr)
{
	uint64_t start = shdr->sh_addr, end = shdr->sh_addr + shdr->sh_size;

	if (shdr->sh_type == SHT_NOBITS)
		return has_relro_zeroes(image, segment) && start >= segment->vaddr + segment->filesz &&
		       end <= image->relro_end;
	return leaves_question(image, segment) && holds(segment, start, end);
}

static unsigned section_perms(uint64_t flags)
{
	return PERM_R | (flags & SHF_WRITE ? PERM_W : 0u) | (flags & SHF_EXECINSTR ? PERM_X : 0u);
}

/* Where a segment counts, when others overlap it. */
struct place {
	uint64_t start, end;
	const struct segment *segment;
};

/* The places of all segments, sorted and disjoint. The caller frees them. */
static struct place *find_places(const struct image *image, size_t *ret_n)
{
	size_t n = image->n_segments;
	struct place *places = mem_array(2 * n, sizeof(*places));

	for (size_t i = 0; i < n; i++) {
		const struct segment *segment = &image->segments[i];

		places[i] = (struct place){ segment->vaddr, segment->vaddr + segment->memsz, segment };
	}
	*ret_n = range_are_disjoint(places, n, sizeof(*places)) ? n :
								  range_overlay(places, n, sizeof(*places));
	return places;
}

/* The segment that brings a section along; NULL: what its header claims is nowhere in memory. */
static const struct segment *segment_of(const struct place *places, size_t n, const GElf_Shdr *shdr)
{
	size_t i = range_find(places, n, sizeof(*places), shdr->sh_addr);
	const struct segment *segment = i < n ? places[i].segment : NULL;

	return segment && shdr->sh_addr >= places[i].start &&
			       range_fits(shdr->sh_addr, shdr->sh_size, segment->vaddr + segment->memsz) ?
		       segment :
		       NULL;
}

/* Has addresses of its own: .tbss overlaps what comes after it. */
static bool is_loaded(const GElf_Shdr *shdr)
{
	return (shdr->sh_flags & SHF_ALLOC) && shdr->sh_size > 0 &&
	       !(shdr->sh_type == SHT_NOBITS && (shdr->sh_flags & SHF_TLS));
}

static char *section_name(Elf *elf, size_t names, const GElf_Shdr *shdr)
{
	const char *name = elf_strptr(elf, names, shdr->sh_name);

	return mem_copy(name ? name : "", name ? strlen(name) : 0);
}

/* Sections that overlap contradict each other: none of them decides, and the later one is left out. */
static void sort_sections(struct image *image)
{
	struct section *sections = image->sections;
	size_t n;

	range_sort(sections, image->n_sections, sizeof(*sections));
	n = range_cut(sections, image->n_sections, sizeof(*sections), RANGE_FIRST_WINS);
	for (size_t i = 0; n < image->n_sections && i < n; i++)
		sections[i].decides = false;
	for (size_t i = n; i < image->n_sections; i++)
		free(sections[i].name);
	image->n_sections = n;
}

/* The section with the names of all, which libelf reads whole; SHN_UNDEF: none that is of use. */
static size_t find_names(Elf *elf)
{
	size_t names;
	GElf_Shdr shdr;

	if (elf_getshdrstrndx(elf, &names) != 0 || !gelf_getshdr(elf_getscn(elf, names), &shdr) ||
	    shdr.sh_size > NAMES_SIZE_MAX)
		return SHN_UNDEF;
	return names;
}

/* What lld and mold call what fills up a page. */
static bool is_padding(Elf *elf, size_t names, const GElf_Shdr *shdr)
{
	const char *name = elf_strptr(elf, names, shdr->sh_name);

	return name && strcmp(name, ".relro_padding") == 0;
}

/* Section headers may be missing or nonsense: they refine an image and never make it fail. */
static void read_sections(Elf *elf, bool want_all, struct image *image)
{
	size_t cap = 0, n_places, names = SHN_UNDEF;
	_cleanup_free_ struct place *places = find_places(image, &n_places);
	GElf_Shdr shdr;

	if (want_all || image->has_question)
		names = find_names(elf);
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));) {
		const struct segment *segment;
		bool decides;

		if (!gelf_getshdr(scn, &shdr) || !is_loaded(&shdr))
			continue;
		segment = segment_of(places, n_places, &shdr);
		if (!segment)
			continue;
		decides = is_question(image, segment, &shdr) &&
			  !(shdr.sh_type == SHT_NOBITS && is_padding(elf, names, &shdr));
		if (!decides && !want_all)
			continue;
		mem_grow(image->sections, image->n_sections, cap);
		image->sections[image->n_sections++] = (struct section){
			.start = shdr.sh_addr,
			.end = shdr.sh_addr + shdr.sh_size,
			.perms = section_perms(shdr.sh_flags),
			.decides = decides,
			.name = want_all ? section_name(elf, names, &shdr) : NULL,
		};
	}
	if (image->n_sections > 0)
		sort_sections(image);
}

static bool has_question(const struct image *image)
{
	for (size_t i = 0; i < image->n_segments; i++)
		if (leaves_question(image, &image->segments[i]) ||
		    has_relro_zeroes(image, &image->segments[i]))
			return true;
	return false;
}

/*
 * From the `len` bytes that `elf` was given. *ret_more: whether the file has more to tell than
 * these do.
 */
static int read_image(Elf *elf, size_t len, bool want_build_id, struct image **ret, bool *ret_more)
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
	r = read_segments(elf, want_build_id, image, &is_complete);
	if (r == 0) {
		sort_segments(image);
		image->has_code_apart = has_code_apart(image);
	}
	image->has_question = r == 0 && has_question(image);
	*ret_more = !is_complete || image->has_question;
	if (r < 0)
		return r;
	/* It stays, and there may be hundreds: a quarter of the room is mostly enough. */
	image->segments = mem_realloc(image->segments, image->n_segments, sizeof(*image->segments));
	*ret = image;
	image = NULL;
	return 0;
}

int elf_image_parse(const void *bytes, size_t len, bool want_sections, struct image **ret)
{
	_cleanup_elf_ Elf *elf = NULL;
	bool more;
	int r;

	elf_version(EV_CURRENT);
	/* libelf reads what it is given; that its parameter is not const is history. */
	elf = elf_memory((char *)bytes, len);
	r = read_image(elf, len, true, ret, &more);
	if (r == 0 && want_sections)
		read_sections(elf, true, *ret);
	return r;
}

uint64_t elf_image_file_size(const void *bytes, size_t len, const struct image *image)
{
	_cleanup_elf_ Elf *elf = elf_memory((char *)bytes, len);
	uint64_t end = 0;
	GElf_Ehdr ehdr;

	for (size_t i = 0; i < image->n_segments; i++)
		end = MAX(end, image->segments[i].offset + image->segments[i].filesz);
	if (gelf_getehdr(elf, &ehdr) &&
	    range_fits(ehdr.e_shoff, (uint64_t)ehdr.e_shnum * ehdr.e_shentsize, UINT64_MAX))
		end = MAX(end, ehdr.e_shoff + (uint64_t)ehdr.e_shnum * ehdr.e_shentsize);
	return end;
}

int elf_image_parse_start(const void *bytes, size_t len, struct image **ret)
{
	_cleanup_image_ struct image *image = NULL;
	_cleanup_elf_ Elf *elf = NULL;
	bool more;
	int r;

	elf_version(EV_CURRENT);
	elf = elf_memory((char *)bytes, len);
	r = read_image(elf, len, false, &image, &more);
	if (more)
		return -ENODATA;
	if (r == 0) {
		*ret = image;
		image = NULL;
	}
	return r;
}

/* The whole file at libelf's disposal: slower, and seldom needed. */
static int read_whole(int fd, bool want_sections, struct image **ret)
{
	_cleanup_image_ struct image *image = NULL;
	_cleanup_elf_ Elf *elf = NULL;
	bool more;
	int r;

	elf_watch();
	elf = elf_open(fd);
	r = read_image(elf, SIZE_MAX, true, &image, &more);
	if (r == 0 && (want_sections || image->has_question))
		read_sections(elf, want_sections, image);
	if (elf_failure() < 0)
		return elf_failure();
	if (r == 0) {
		*ret = image;
		image = NULL;
	}
	return r;
}

int elf_image_read(int fd, bool want_sections, struct image **ret)
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
	r = read_image(elf, (size_t)n, true, &image, &more);
	if (more || (r == 0 && want_sections)) {
		image_free(image);
		return read_whole(fd, want_sections, ret);
	}
	if (r == 0)
		*ret = image;
	return r;
}

/*
 * Separate debug files may come with the program headers of the whole file, whose offsets mean
 * nothing in them; their sections are their own.
 */
int elf_image_find_build_id(int fd, struct image *image)
{
	_cleanup_elf_ Elf *elf = NULL;
	size_t notes = 0;
	GElf_Shdr shdr;

	elf_watch();
	elf = elf_open(fd);
	for (Elf_Scn *scn = NULL; image->build_id_len == 0 && (scn = elf_nextscn(elf, scn));)
		if (gelf_getshdr(scn, &shdr) && shdr.sh_type == SHT_NOTE && notes++ < NOTES_MAX)
			read_build_id(elf, shdr.sh_offset, shdr.sh_size, shdr.sh_addralign, image);
	return elf_failure();
}

ssize_t elf_image_build_id(int fd, unsigned char ret[BUILD_ID_MAX])
{
	_cleanup_image_ struct image *image = NULL;
	int r = elf_image_read(fd, false, &image);

	if (r < 0)
		return r;
	if (image->build_id_len == 0)
		r = elf_image_find_build_id(fd, image);
	if (r < 0)
		return r;
	memcpy(ret, image->build_id, image->build_id_len);
	return (ssize_t)image->build_id_len;
}
