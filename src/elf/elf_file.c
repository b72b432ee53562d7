/* SPDX-License-Identifier: MIT */
#include "elf/elf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "base/mem.h"
#include "base/range.h"
#include "elf/file_header.h"
#include "elf/read_image.h"
#include "elf/machine.h"

#define NAMELESS 0 /* the object of anonymous memory */

/* ---- whether it can be loaded ---- */

static int check_image(const struct image *image, const struct facts *facts, struct error *err)
{
	/* The end of the last page must fit in as well, so that nothing wraps. */
	uint64_t top = facts->word_size == 4 ? UINT64_C(1) << 32 : page_floor(UINT64_MAX, facts->page_size);

	if (facts->elf.is_debug_file)
		return error_set(err, -ENOEXEC,
				 "a separate debug file has nothing to load: give the file that it is for");
	if (image->end > top)
		return error_set(err, -EBADMSG, "a damaged ELF file: a segment ends past the last address");
	return 0;
}

static int explain_failure(int code, struct error *err)
{
	if (code == -EBADMSG)
		return error_set(
			err, code,
			"a damaged ELF file: its program headers are missing or contradict each other");
	if (code == -ENOEXEC)
		return error_set(err, code, "a damaged ELF file: its header makes no sense");
	if (code == -E2BIG || code == -ENOBUFS)
		return error_set(err, code, "it has more ELF sections than memmap reads");
	return error_set(err, code, "%s", strerror(-code));
}

/* ---- its mappings ---- */

static void add_mapping(struct facts *facts, const struct mapping *mapping)
{
	struct object *object = facts->objects[mapping->object];

	if (object->first == NO_MAPPING)
		object->first = (uint32_t)facts->n_mappings;
	object->n_private++;
	object->is_executable |= (mapping->perms & PERM_X) != 0;
	facts_add_mapping(facts, mapping);
}

/* Pages that a loader maps for a segment; pages mapped later replace them. */
struct piece {
	uint64_t start, end;
	uint64_t first, offset; /* the first page before anything replaced it, and its offset */
	uint32_t object;
	const struct segment *segment;
};

/* Adds a piece, split where RELRO begins and ends. */
static void add_piece(struct facts *facts, const struct piece *piece, const struct image *image)
{
	const struct segment *segment = piece->segment;
	uint64_t relro_start = page_floor(image->relro_start, facts->page_size);
	uint64_t relro_end = page_floor(image->relro_end, facts->page_size);
	const uint64_t cuts[] = { relro_start, relro_end, UINT64_MAX };
	uint64_t start = piece->start;

	for (size_t i = 0; i < ARRAY_SIZE(cuts) && start < piece->end; i++) {
		uint64_t stop = (segment->perms & PERM_W) ? MIN(piece->end, MAX(start, cuts[i])) : piece->end;
		bool is_protected = start >= relro_start && start < relro_end;
		struct mapping mapping = {
			.start = start,
			.end = stop,
			.offset = piece->object == NAMELESS ? 0 : piece->offset + (start - piece->first),
			.object = piece->object,
			.perms = (uint8_t)(segment->perms & ~(is_protected ? (unsigned)PERM_W : 0u)),
		};

		if (start < stop)
			add_mapping(facts, &mapping);
		start = stop;
	}
}

/* Whether its bytes have the same offset within a page in the file as in memory. */
static bool is_aligned(const struct segment *segment, uint64_t page_size)
{
	return ((segment->vaddr - segment->offset) & (page_size - 1)) == 0;
}

/* Makes two pieces of a segment: the part from the file, and the rest. */
static void make_pieces(const struct segment *segment, uint64_t page_size, struct piece *pieces)
{
	uint64_t start = page_floor(segment->vaddr, page_size);
	uint64_t middle = start;

	if (segment->filesz > 0 && is_aligned(segment, page_size))
		middle = page_ceil(segment->vaddr + segment->filesz, page_size);
	pieces[0] = (struct piece){ start,	     middle, start, page_floor(segment->offset, page_size),
				    ELF_FILE_OBJECT, segment };
	pieces[1] = (struct piece){ middle,   page_ceil(segment->vaddr + segment->memsz, page_size),
				    middle,   0,
				    NAMELESS, segment };
}

static void add_pieces(struct facts *facts, const struct image *image)
{
	size_t n = 2 * image->n_segments;
	_cleanup_free_ struct piece *pieces = mem_array(2 * n, sizeof(*pieces));

	for (size_t i = 0; i < image->n_segments; i++)
		make_pieces(&image->segments[i], facts->page_size, pieces + 2 * i);
	if (!range_are_disjoint(pieces, n, sizeof(*pieces)))
		n = range_overlay(pieces, n, sizeof(*pieces));
	for (size_t i = 0; i < n; i++)
		add_piece(facts, &pieces[i], image);
}

static void add_mappings(struct facts *facts, uint64_t file_size)
{
	const struct image *image = facts->objects[ELF_FILE_OBJECT]->image;
	size_t n_copied = 0, n_cut = 0;

	add_pieces(facts, image);
	for (size_t i = 0; i < image->n_segments; i++) {
		const struct segment *segment = &image->segments[i];

		n_copied += segment->filesz > 0 && !is_aligned(segment, facts->page_size);
		n_cut += segment->filesz > 0 && !range_fits(segment->offset, segment->filesz, file_size);
	}
	if (n_copied > 0)
		notes_add(&facts->notes, "elf-unaligned",
			  "%zu segment%s different offsets within a page in the file and in memory: they can "
			  "only be copied, not mapped",
			  n_copied, n_copied == 1 ? " has" : "s have");
	if (n_cut > 0)
		notes_warn(&facts->notes, "elf-cut",
			   "the file ends before %zu of its segments do: pages beyond its end can be mapped, "
			   "but not read",
			   n_cut);
}

/* ---- the file ---- */

static void add_object(struct facts *facts, const char *name, const struct stat *st, struct image *image)
{
	struct object *object;

	facts_object(facts, major(st->st_dev), minor(st->st_dev), st->st_ino, name, strlen(name));
	object = facts->objects[ELF_FILE_OBJECT];

	/* Unlike a name from the kernel, this one may be a relative path. */
	object->type = OBJECT_FILE;
	object->state = FILE_OK;
	object->headers = HEADERS_FILE;
	object->image = image;
}

/* Warns about facts that were asked for but that only a process has. */
static void warn_of_missing(struct facts *facts, const struct request *request)
{
	unsigned needs = request->needs & ~(request->wants_threads ? 0 : (unsigned)NEED_THREADS);

	static const struct {
		unsigned needs;
		const char *code, *text;
	} missing[] = {
		{ NEED_COUNTER | NEED_FLAGS, "elf-figures",
		  "no figures: a file is not in memory until it is run" },
		{ NEED_THREADS, "elf-threads", "no threads: a file has none until it is run" },
		{ NEED_FRAMES, "elf-frames", "no frames: a file has no threads until it is run" },
		{ NEED_HEAP | NEED_BLOCKS | NEED_LEAKS, "elf-heap",
		  "no heap: a file has none until it is run" },
		{ NEED_PAGES, "elf-pages", "no pages: a file is not in memory until it is run" },
		{ NEED_SHARING, "elf-sharing", "no shared regions: a file is not in memory until it is run" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(missing); i++)
		if (needs & missing[i].needs)
			notes_warn(&facts->notes, missing[i].code, "%s", missing[i].text);
	usage_done(&facts->usage);
	facts->usage.is_missing = needs & (NEED_COUNTER | NEED_FLAGS);
}

static int read_image(int fd, unsigned needs, struct stat *ret_stat, struct image **ret, struct error *err)
{
	struct image_budget budget = image_budget();
	int r = fstat(fd, ret_stat) == 0 ? elf_image_read(fd, needs & NEED_SECTIONS, &budget, ret) : -errno;

	if (r < 0)
		return explain_failure(r, err);
	if ((*ret)->build_id_len == 0)
		r = elf_image_find_build_id(fd, &budget, *ret);
	if (r < 0) {
		image_free(*ret);
		*ret = NULL;
	}
	return r < 0 ? explain_failure(r, err) : 0;
}

static int read_facts(struct source *source, const struct request *request, struct facts *facts,
		      struct error *err)
{
	const struct elf_file *file = (const struct elf_file *)source;
	struct image *image = NULL;
	struct stat st;
	int r = read_image(file->fd, request->needs, &st, &image, err);

	if (r < 0)
		return r;
	add_object(facts, file->name, &st, image);
	elf_note_unread_sections(facts);
	r = elf_header_read(file->fd, &facts->elf);
	if (r < 0)
		return explain_failure(r, err);
	facts->origin = ORIGIN_ELF;
	facts->elf.build_id_len = image->build_id_len;
	memcpy(facts->elf.build_id, image->build_id, image->build_id_len);
	facts->taken_at = time(NULL);
	facts->word_size = facts->elf.word_size;
	facts->page_size = machine_page_size(facts->elf.machine);
	r = check_image(image, facts, err);
	if (r < 0)
		return r;
	add_mappings(facts, (uint64_t)st.st_size);
	facts->process.exe = mem_copy(file->name, strlen(file->name));
	facts->process.exe_len = strlen(file->name);
	facts->process.virtual = facts_size(facts);
	warn_of_missing(facts, request);
	return 0;
}

/* There is only one. */
static int open_file(struct source *source, const struct facts *facts _unused_,
		     const struct object *object _unused_, struct stat *ret_stat)
{
	const struct elf_file *file = (const struct elf_file *)source;

	if (fstat(file->fd, ret_stat) != 0)
		return -errno;
	return fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
}

/* A file has no root directory of its own: it sees ours. */
static int find_path(struct source *source _unused_, const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

void elf_file_init(struct elf_file *file, int fd, const char *name)
{
	static const struct source_ops ops = {
		.read_facts = read_facts,
		.open_object = open_file,
		.find_path = find_path,
	};

	*file = (struct elf_file){ .source = { .ops = &ops }, .fd = fd, .name = name };
}
