/* SPDX-License-Identifier: MIT */
#include "core/core_objects.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/mem.h"
#include "base/open_plain.h"
#include "elf/file_images.h"
#include "elf/read_image.h"

/* Bytes of a file in memory to look at: its headers, and mostly its build-id, are in the first page. */
#define HEADERS_SIZE (64 << 10)

int core_find_path(int sysroot_fd, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	long fd;

	if (sysroot_fd == NO_SYSROOT)
		fd = open(path, O_PATH | O_CLOEXEC);
	else
		fd = syscall(SYS_openat2, sysroot_fd, path, &how, sizeof(how));
	/* Before Linux 5.6, links may lead out of the directory: what they lead to is checked anyway. */
	if (fd < 0 && errno == ENOSYS)
		fd = openat(sysroot_fd, path + strspn(path, "/"), O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

/* ---- is this the mapped file? ---- */

/* The beginning of a file as the core has it: `len` is 0 if it has none. */
struct beginning {
	char *bytes;
	size_t len;
};

static struct beginning copy_beginning(const struct core_file *core, const struct facts *facts,
				       const struct object *object)
{
	const struct mapping *m = object->first == NO_MAPPING ? NULL : &facts->mappings[object->first];
	char *bytes = mem_array(HEADERS_SIZE, 1);
	ssize_t n = 0;

	if (m && m->offset == 0)
		n = core_file_memory(core, m->start, bytes, (size_t)MIN(HEADERS_SIZE, m->end - m->start));
	return (struct beginning){ bytes, n > 0 ? (size_t)n : 0 };
}

static bool has_same_beginning(int fd, const struct beginning *beginning)
{
	char its[4096];
	size_t n = MIN(beginning->len, sizeof(its));

	/* ELF files only: two data files may begin alike. */
	return n > 64 && memcmp(beginning->bytes, "\177ELF", 4) == 0 && pread(fd, its, n, 0) == (ssize_t)n &&
	       memcmp(its, beginning->bytes, n) == 0;
}

/* 0, -ESTALE or -ENODATA. */
static int verify(const struct beginning *beginning, int fd)
{
	unsigned char its[BUILD_ID_MAX];
	struct image_budget budget = image_budget();
	struct image *image = NULL;
	bool is_same;

	if (beginning->len == 0)
		return -ENODATA;
	if (elf_image_parse(beginning->bytes, beginning->len, false, &budget, &image) == 0 &&
	    image->build_id_len > 0)
		is_same = elf_image_build_id(fd, its) == (ssize_t)image->build_id_len &&
			  memcmp(its, image->build_id, image->build_id_len) == 0;
	else
		is_same = has_same_beginning(fd, beginning);
	image_free(image);
	return is_same ? 0 : -ESTALE;
}

static int open_path(const struct beginning *beginning, int sysroot_fd, const char *path,
		     struct stat *ret_stat)
{
	_cleanup_close_ int path_fd = core_find_path(sysroot_fd, path);
	_cleanup_close_ int fd = -1;
	int r;

	if (path_fd < 0)
		return path_fd;
	if (fstat(path_fd, ret_stat) != 0)
		return -errno;
	fd = open_plain(path_fd, ret_stat);
	if (fd < 0)
		return fd;
	r = verify(beginning, fd);
	return r < 0 ? r : steal_fd(&fd);
}

static int open_object(const struct object *object, const struct beginning *beginning, int sysroot_fd,
		       struct stat *ret_stat)
{
	_cleanup_free_ char *path = NULL;
	int fd;

	if (object->type != OBJECT_FILE || !object->name || object->name[0] != '/')
		return -ENOENT;
	fd = open_path(beginning, sysroot_fd, object->name, ret_stat);
	path = fd < 0 ? unlinked_path(object) : NULL;
	/* The old version of a package may be installed again, or be below a sysroot. */
	return path ? open_path(beginning, sysroot_fd, path, ret_stat) : fd;
}

int core_open_object(const struct core_file *core, const struct facts *facts, const struct object *object,
		     int sysroot_fd, struct stat *ret_stat)
{
	struct beginning beginning = copy_beginning(core, facts, object);
	int fd = open_object(object, &beginning, sysroot_fd, ret_stat);

	free(beginning.bytes);
	return fd;
}

/* ---- images ---- */

/*
 * Whether an object is mapped as loaders map files: in several parts, or executable, or perhaps
 * executable if the core does not say.
 */
static bool may_be_module(const struct facts *facts, const struct object *object)
{
	return object->type == OBJECT_FILE && object->name && object->first != NO_MAPPING &&
	       (object->n_private > 1 || object->is_executable ||
		(open_perms(facts->mappings[object->first].perms) & PERM_X));
}

struct reader {
	const struct core_file *core;
	const struct facts *facts;
	int sysroot_fd;
	unsigned needs;
	struct image_budget budget;
	struct file_images files;
};

static void read_memory_image(struct reader *reader, struct object *object, const struct beginning *beginning)
{
	int r = -ENODATA;

	if (beginning->len > 0)
		r = elf_image_parse(beginning->bytes, beginning->len, false, &reader->budget, &object->image);
	object->headers = r == 0			 ? HEADERS_MEMORY :
			  r == -ENODATA || r == -ENOBUFS ? HEADERS_UNREADABLE :
							   HEADERS_NOT_ELF;
}

static enum file_state state_of(const struct object *object, int code)
{
	_cleanup_free_ char *path = unlinked_path(object);

	if (code >= 0)
		return FILE_OK;
	if (code == -ESTALE)
		return FILE_REPLACED;
	return path ? FILE_DELETED : FILE_UNREADABLE;
}

static void set_unread(struct object *object)
{
	object->headers = HEADERS_UNREADABLE;
	object->state = state_of(object, -ENODATA);
}

static void read_file(struct reader *reader, int fd, struct file_image *file)
{
	file->is_read = true;
	file->code = elf_image_read(fd, reader->needs & NEED_SECTIONS, &reader->budget, &file->image);
	if (file->code < 0 || !(reader->needs & NEED_BUILD_ID) || file->image->build_id_len > 0)
		return;
	if (elf_image_find_build_id(fd, &reader->budget, file->image) == -ENOBUFS) {
		image_free(file->image);
		file->image = NULL;
	}
}

/* The image of an open file, read once for all its names. NULL: it is not an ELF file. */
static struct image *find_image(struct reader *reader, int fd, const struct stat *st)
{
	struct file_image *file = file_images_find(&reader->files, st);

	if (file->is_read)
		return file->image ? image_share(file->image) : NULL;
	read_file(reader, fd, file);
	return file->image;
}

static void read_object(struct reader *reader, struct object *object)
{
	struct stat st;
	struct beginning beginning = copy_beginning(reader->core, reader->facts, object);
	_cleanup_close_ int fd = open_object(object, &beginning, reader->sysroot_fd, &st);

	object->image = fd >= 0 ? find_image(reader, fd, &st) : NULL;
	if (object->image)
		object->headers = HEADERS_FILE;
	else
		read_memory_image(reader, object, &beginning);
	free(beginning.bytes);
	object->state = object->headers == HEADERS_NOT_ELF ? FILE_NONE : state_of(object, fd);
}

/* `n_left_out`: files of which the core may have the headers, but which are not read. */
static void note_missing(struct facts *facts, size_t n_left_out)
{
	size_t n_memory = 0;
	size_t n_unreadable = 0;

	for (size_t i = 0; i < facts->n_objects; i++) {
		n_memory += facts->objects[i]->headers == HEADERS_MEMORY && !is_vdso(facts->objects[i]);
		n_unreadable += facts->objects[i]->headers == HEADERS_UNREADABLE;
	}
	n_unreadable -= n_left_out;
	if (n_memory > 0)
		notes_warn(&facts->notes, "core-files-missing",
			   "%zu mapped file%s now absent or different: %s sections and symbols are missing "
			   "(--sysroot looks in another directory)",
			   n_memory, n_memory == 1 ? " is" : "s are", n_memory == 1 ? "its" : "their");
	if (n_unreadable > 0)
		notes_warn(&facts->notes, "core-files-unknown",
			   "the core file does not have the headers of %zu mapped file%s (coredump_filter): "
			   "their regions are classified by access rights only",
			   n_unreadable, n_unreadable == 1 ? "" : "s");
	if (n_left_out > 0)
		notes_warn(
			&facts->notes, "core-files-unread",
			"%zu mapped file%s not read: all together have more segments and sections than memmap "
			"reads; their regions are classified by access rights only",
			n_left_out, n_left_out == 1 ? " is" : "s are");
}

/*
 * Takes the segments of an object from those that all together may have. False: it has more, and
 * nothing is left for others; or its headers were not read since all have too many (`is_exceeded`).
 */
static bool take_segments(struct object *object, bool is_exceeded, uint64_t *left)
{
	if (!object->image)
		return object->headers != HEADERS_UNREADABLE || !is_exceeded;
	if (object->image->n_segments <= *left) {
		*left -= object->image->n_segments;
		return true;
	}
	*left = 0;
	image_free(object->image);
	object->image = NULL;
	set_unread(object);
	return false;
}

void core_read_objects(const struct core_file *core, struct facts *facts, int sysroot_fd, unsigned needs)
{
	/*
	 * Each mapped file has its own headers in memory. If there are more of them than the core file
	 * has room for, many mappings have the same bytes of it.
	 */
	uint64_t left = core->size / sizeof(Elf32_Phdr);
	struct reader reader = { .core = core,
				 .facts = facts,
				 .sysroot_fd = sysroot_fd,
				 .needs = needs,
				 .budget = image_budget() };
	size_t n_left_out = 0;

	for (size_t i = 0; i < facts->n_objects; i++) {
		struct object *object = facts->objects[i];

		if (object->type == OBJECT_KERNEL && strncmp(object->name, "/memfd:", strlen("/memfd:")) == 0)
			object->state = FILE_MEMFD;
		if (!may_be_module(facts, object))
			continue;
		if (left > 0) {
			read_object(&reader, object);
			n_left_out += !take_segments(object, reader.budget.is_exceeded, &left);
		} else {
			set_unread(object);
			n_left_out++;
		}
	}
	file_images_done(&reader.files);
	note_missing(facts, n_left_out);
	elf_note_unread_sections(facts);
}
