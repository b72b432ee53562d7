/* SPDX-License-Identifier: MIT */
#include "elf/image_sections.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/range.h"
#include "elf/section_names.h"
#include "model/perms.h"

/* Any number of sections may share one name. A file with longer ones was made to fill its readers' memory. */
#define NAME_LEN_MAX 1024

static bool holds(const struct segment *segment, uint64_t start, uint64_t end)
{
	return start >= segment->vaddr && end <= segment->vaddr + segment->filesz;
}

bool image_has_code_apart(const struct image *image)
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
 * Whether a segment may hold more than its access rights say: code and data, or code and constants,
 * as when it begins with the ELF header (gold, -z noseparate-code) or with what used to follow that
 * header (patchelf).
 */
static bool leaves_question(const struct image *image, const struct segment *segment)
{
	return (segment->perms & PERM_X) &&
	       (segment->offset == 0 || (segment->perms & PERM_W) || !image->has_code_apart);
}

/*
 * Whether RELRO covers memory after a segment's data from the file. That is padding up to a page,
 * or copies of constants (lld's .bss.rel.ro); only sections tell which.
 */
static bool has_relro_zeroes(const struct image *image, const struct segment *segment)
{
	uint64_t start = segment->vaddr + segment->filesz;

	return (segment->perms & PERM_W) && segment->memsz > segment->filesz && start >= image->relro_start &&
	       start < image->relro_end;
}

/* Whether a section decides what is in the segment that contains it. */
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

/* A range that belongs to one segment, after overlaps are resolved. */
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

/* The segment that contains a section; NULL: what its header claims is nowhere in memory. */
static const struct segment *segment_of(const struct place *places, size_t n, const GElf_Shdr *shdr)
{
	size_t i = range_find(places, n, sizeof(*places), shdr->sh_addr);
	const struct segment *segment = i < n ? places[i].segment : NULL;

	return segment && shdr->sh_addr >= places[i].start &&
			       range_fits(shdr->sh_addr, shdr->sh_size, segment->vaddr + segment->memsz) ?
		       segment :
		       NULL;
}

/* Whether a section has addresses of its own. .tbss has none: it overlaps what comes after it. */
static bool is_loaded(const GElf_Shdr *shdr)
{
	return (shdr->sh_flags & SHF_ALLOC) && shdr->sh_size > 0 &&
	       !(shdr->sh_type == SHT_NOBITS && (shdr->sh_flags & SHF_TLS));
}

struct reader {
	struct image *image;
	struct image_budget *budget;
	size_t cap; /* of image->sections */
	struct section_names names;
};

static char *copy_name(struct reader *reader, const GElf_Shdr *shdr)
{
	const char *name = section_names_get(&reader->names, shdr);
	size_t len = name ? strnlen(name, NAME_LEN_MAX + 1) : 0;

	if (len > NAME_LEN_MAX) {
		reader->image->has_unread_sections = true;
		len = 0;
	}
	return mem_copy(name ? name : "", len);
}

/* Sections that overlap contradict each other: the later ones are left out, and none decides any more. */
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

/* Whether a section only fills up a page: lld and mold give it this name. */
static bool is_padding(const struct section_names *names, const GElf_Shdr *shdr)
{
	const char *name = section_names_get(names, shdr);

	return name && strcmp(name, ".relro_padding") == 0;
}

static int read_section(struct reader *reader, const struct segment *segment, const GElf_Shdr *shdr,
			bool want_all)
{
	struct image *image = reader->image;
	bool decides = is_question(image, segment, shdr) &&
		       !(shdr->sh_type == SHT_NOBITS && is_padding(&reader->names, shdr));

	if (!decides && !want_all)
		return 0;
	mem_grow(image->sections, image->n_sections, reader->cap);
	image->sections[image->n_sections++] = (struct section){
		.start = shdr->sh_addr,
		.end = shdr->sh_addr + shdr->sh_size,
		.perms = section_perms(shdr->sh_flags),
		.decides = decides,
		.name = want_all ? copy_name(reader, shdr) : NULL,
	};
	return want_all ? image_budget_take_bytes(reader->budget,
						  strlen(image->sections[image->n_sections - 1].name)) :
			  0;
}

int image_read_sections(Elf *elf, bool want_all, struct image_budget *budget, struct image *image)
{
	struct reader reader = { .image = image, .budget = budget };
	size_t n_places;
	_cleanup_free_ struct place *places = find_places(image, &n_places);
	GElf_Shdr shdr;
	int r = 0;

	if (want_all || image->has_question) {
		section_names_init(&reader.names, elf);
		image->has_unread_sections = reader.names.are_too_large;
	}
	for (Elf_Scn *scn = NULL; r == 0 && (scn = elf_nextscn(elf, scn));) {
		const struct segment *segment = gelf_getshdr(scn, &shdr) && is_loaded(&shdr) ?
							segment_of(places, n_places, &shdr) :
							NULL;

		if (segment)
			r = read_section(&reader, segment, &shdr, want_all);
	}
	if (image->n_sections > 0)
		sort_sections(image);
	return r;
}

bool image_has_question(const struct image *image)
{
	for (size_t i = 0; i < image->n_segments; i++)
		if (leaves_question(image, &image->segments[i]) ||
		    has_relro_zeroes(image, &image->segments[i]))
			return true;
	return false;
}
