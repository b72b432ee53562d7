/* SPDX-License-Identifier: MIT */
#include "proc/read_objects.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/mem.h"
#include "elf/file_images.h"
#include "elf/read_image.h"
#include "proc/helper_process.h"
#include "proc/file_server.h"
#include "proc/archived_elf.h"
#include "proc/file_state.h"
#include "proc/mapped_file.h"
#include "proc/memory.h"
#include "proc/module_headers.h"
#include "proc/read_file.h"
#include "proc/failed_reads.h"

/* Needs that take the file itself, not only its ELF header and program headers. */
#define NEEDS_FILE (NEED_FILE_STATE | NEED_LOOKUPS | NEED_FRAMES | NEED_SECTIONS | NEED_CUTS | NEED_BUILD_ID)

struct reader {
	struct proc *proc;
	struct facts *facts;
	unsigned needs;
	struct image_budget budget;
	struct file_images files;
};

static bool has_prefix(const struct object *object, const char *prefix)
{
	size_t len = strlen(prefix);

	return object->name_len >= len && memcmp(object->name, prefix, len) == 0;
}

/*
 * Kernel-internal file systems and /dev/shm are recognised by their device number, whose major is
 * always 0. The table of mounts is read when an object first needs it.
 */
static void find_mount(struct proc *proc, struct object *object)
{
	enum mount mount = MOUNT_NONE;
	const struct mounts *mounts;

	if (object->type != OBJECT_FILE || !object->name)
		return;
	if (has_prefix(object, "/dev/shm/"))
		object->type = OBJECT_SHM;
	else if (object->major != 0 || (!is_kernel_name(object) && !strstr(object->name, "/dev/shm/")))
		return;
	mounts = proc_mounts(proc);
	if (mounts)
		mount = mounts_find(mounts, object->major, object->minor);
	if (mount == MOUNT_SHM)
		object->type = OBJECT_SHM;
	else if (mount == MOUNT_NONE && is_kernel_name(object))
		object->type = OBJECT_KERNEL;
}

/*
 * Whether a file may be a module: a loader maps its segments one by one and privately, code
 * among them. One private mapping without code is data, and its file is left alone.
 */
static bool may_be_module(const struct object *object)
{
	return object->name && (object->n_private > 1 || object->is_executable);
}

static void set_device(struct object *object, const struct stat *st)
{
	if (!S_ISCHR(st->st_mode) && !S_ISBLK(st->st_mode))
		return;
	object->type = S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 5) ? OBJECT_ZERO : OBJECT_DEVICE;
}

/* Bytes that hold the headers of nearly all files; and the most that a loader may read. */
#define HEADERS_USUAL 4096
#define HEADERS_MAX (HEADERS_USUAL + UINT16_MAX)

/* Reads the headers from memory, if the file's first page is mapped. */
static int read_memory_image(struct reader *reader, struct object *object)
{
	static const size_t sizes[] = { HEADERS_USUAL, HEADERS_MAX };
	_cleanup_free_ char *bytes = mem_alloc(HEADERS_MAX);
	const struct mapping *m = &reader->facts->mappings[object->first];
	int r = -EBADMSG;

	if (m->offset != 0)
		return -ENODATA;
	for (size_t i = 0; r == -EBADMSG && i < ARRAY_SIZE(sizes); i++) {
		ssize_t n = proc_read_memory(reader->proc, m->start, bytes, MIN(sizes[i], m->end - m->start));

		r = n < 0 ? (int)n :
			    elf_image_parse(bytes, (size_t)n, false, &reader->budget, &object->image);
	}
	return r;
}

/* The state of the headers if there is no image; `code` says why there is none. */
static enum headers headers_without(int code)
{
	return code == -ENOEXEC ? HEADERS_NOT_ELF : code == -EBADMSG ? HEADERS_DAMAGED : HEADERS_UNREADABLE;
}

/* The headers in memory are enough for the map: it need not wait for a server that may be down. */
static bool read_remote_image(struct reader *reader, struct object *object)
{
	int r = (reader->needs & NEEDS_FILE) || proc_is_local(reader->proc, object->major, object->minor) ?
			-ENODATA :
			read_memory_image(reader, object);

	if (r < 0 && r != -ENOBUFS)
		return false;
	object->headers = r == 0 ? HEADERS_MEMORY : headers_without(r);
	return true;
}

/*
 * Whether a file is mapped as loaders map a module: from its beginning, in adjacent pieces of
 * different access.
 */
static bool is_mapped_as_module(const struct facts *facts, const struct object *object)
{
	const struct mapping *m = &facts->mappings[object->first];

	return object->is_executable && object->n_private > 1 && m->offset == 0 &&
	       object->first + 1 < facts->n_mappings && m[1].object == m->object && m[1].start == m->end &&
	       m[1].offset > 0 && m[1].perms != m->perms;
}

/*
 * Whether a file was an ELF file when it was mapped, but no longer is. Wine maps code of another
 * format (PE) in the same way.
 */
static bool is_overwritten(const struct facts *facts, const struct object *object, int fd)
{
	char magic[2] = "";

	return is_mapped_as_module(facts, object) && pread(fd, magic, sizeof(magic), 0) >= 0 &&
	       memcmp(magic, "MZ", sizeof(magic)) != 0;
}

static void drop_image(struct object *object)
{
	image_free(object->image);
	object->image = NULL;
}

static int read_new_file(struct reader *reader, struct object *object, int fd)
{
	int r = elf_image_read(fd, reader->needs & NEED_SECTIONS, &reader->budget, &object->image);

	if (r < 0 || !(reader->needs & NEED_BUILD_ID) || object->image->build_id_len > 0)
		return r;
	r = elf_image_find_build_id(fd, &reader->budget, object->image);
	if (r == -ENOBUFS) {
		drop_image(object);
		return r;
	}
	proc_report(reader->proc, object->name, r);
	return 0;
}

/* Reads a file, unless it was read under another name. 0, or a negative errno: there is no image. */
static int read_file(struct reader *reader, struct object *object, int fd, const struct stat *st)
{
	struct file_image unshared = { 0 };
	/* A server need not give each file a number of its own. */
	struct file_image *file =
		object_is_local(reader->proc, object) ? file_images_find(&reader->files, st) : &unshared;

	if (!file->is_read) {
		file->is_read = true;
		file->code = read_new_file(reader, object, fd);
		file->image = object->image;
	} else if (file->image) {
		object->image = image_share(file->image);
	}
	return file->code;
}

static void read_image(struct reader *reader, struct object *object)
{
	struct stat st;
	_cleanup_close_ int fd = open_object(reader->proc, reader->facts, object, &st);
	int r = fd < 0 ? fd : read_file(reader, object, fd, &st);

	if (r == -ENXIO) {
		set_device(object, &st);
		return;
	}
	object->headers = HEADERS_FILE;
	if (r == 0)
		return;
	if (r == -ENOEXEC && is_overwritten(reader->facts, object, fd))
		r = -EBADMSG;
	if (r == -ENOEXEC || r == -EBADMSG || r == -ENOBUFS) {
		object->headers = headers_without(r);
		return;
	}
	proc_report(reader->proc, object->name, r);
	r = read_memory_image(reader, object);
	object->headers = r == 0 ? HEADERS_MEMORY : headers_without(r);
}

/* Goes by the path: /dev/shm is for shared memory, and only root puts files elsewhere in /dev. */
static void set_type_by_name(struct object *object)
{
	if (object->type != OBJECT_FILE || !object->name)
		return;
	if (has_prefix(object, "/dev/shm/"))
		object->type = OBJECT_SHM;
	else if (object->major == 0 && is_kernel_name(object))
		object->type = OBJECT_KERNEL;
	else if (object->name_len == strlen("/dev/zero") && has_prefix(object, "/dev/zero"))
		object->type = OBJECT_ZERO;
	else if (has_prefix(object, "/dev/"))
		object->type = OBJECT_DEVICE;
	else if (may_be_module(object))
		object->headers = HEADERS_UNREADABLE;
}

void name_objects(struct facts *facts)
{
	facts_count_objects(facts);
	for (size_t i = 0; i < facts->n_objects; i++)
		set_type_by_name(facts->objects[i]);
}

/* A device that cannot be examined is known by its path: only root puts files where devices are. */
static void find_device(struct proc *proc, const struct facts *facts, struct object *object)
{
	struct stat st;

	if (stat_object(proc, facts, object, &st) == 0)
		set_device(object, &st);
	else if (object->name_len == strlen("/dev/zero") && has_prefix(object, "/dev/zero"))
		object->type = OBJECT_ZERO;
	else if (has_prefix(object, "/dev/"))
		object->type = OBJECT_DEVICE;
}

static void set_state(struct proc *proc, const struct facts *facts, struct object *object)
{
	if (object->type == OBJECT_KERNEL)
		object->state = has_prefix(object, "/memfd:") ? FILE_MEMFD : FILE_NONE;
	else if (object->type == OBJECT_FILE || object->type == OBJECT_SHM)
		object->state = object_state(proc, facts, object);
	/* The path may be out of reach although the contents were read. */
	if (object->state == FILE_UNREADABLE && object->image)
		object->state = FILE_OK;
}

/*
 * In maps, a newline in a path is written as \012, but a backslash is not escaped. Only the link in
 * map_files tells which of the two it was. In long names, parse_maps() has taken all for newlines.
 */
static void unescape_name(struct proc *proc, const struct facts *facts, struct object *object)
{
	const struct mapping *m = &facts->mappings[object->first];
	char link[64];
	char *name;
	size_t len;
	int r;

	if (!object->name ||
	    (!strstr(object->name, "\\012") && !memchr(object->name, '\n', object->name_len)))
		return;
	snprintf(link, sizeof(link), "map_files/%llx-%llx", (unsigned long long)m->start,
		 (unsigned long long)m->end);
	r = proc_read_link(proc->fd, link, &name, &len);
	if (r < 0) {
		proc_report(proc, link, r);
		return;
	}
	free(object->name);
	object->name = name;
	object->name_len = len;
	object->is_plain = false;
}

static void note_unreadable(struct facts *facts, bool are_excessive)
{
	size_t n = 0;

	for (size_t i = 0; i < facts->n_objects; i++)
		n += facts->objects[i]->headers == HEADERS_UNREADABLE &&
		     (facts->objects[i]->is_executable || are_excessive);
	if (n > 0)
		notes_warn(
			&facts->notes, "elf-unreadable",
			"the ELF headers of %zu mapped file%s could not be read%s: their regions "
			"are classified by access rights only",
			n, n == 1 ? "" : "s",
			are_excessive ?
				" (together, mapped files have more segments and sections than memmap reads)" :
				"");
}

/* An image read from memory, because the file is not available, has no sections or symbols. */
static void note_without_sections(struct facts *facts, bool are_wanted)
{
	size_t n = 0;

	for (size_t i = 0; i < facts->n_objects; i++) {
		const struct object *object = facts->objects[i];

		n += object->headers == HEADERS_MEMORY && !is_vdso(object) && object->image &&
		     (are_wanted || object->image->has_question);
	}
	if (n > 0)
		notes_warn(&facts->notes, "sections-unreadable",
			   "%zu mapped file%s could not be read: details from %s sections and symbols are "
			   "missing",
			   n, n == 1 ? "" : "s", n == 1 ? "its" : "their");
}

static bool may_have_headers(const struct object *object)
{
	return object->first != NO_MAPPING &&
	       (object->type == OBJECT_FILE || object->type == OBJECT_KERNEL || object->type == OBJECT_SHM);
}

static void read_all_headers(struct proc *proc, struct facts *facts)
{
	_cleanup_free_ uint32_t *which = mem_array(facts->n_objects, sizeof(*which));
	size_t n = 0;

	for (size_t i = 0; i < facts->n_objects; i++)
		if (may_have_headers(facts->objects[i]) && may_be_module(facts->objects[i]))
			which[n++] = (uint32_t)i;
	if (n >= READ_HEADERS_MIN)
		read_headers(proc, facts, which, n);
}

static void read_object(struct reader *reader, struct object *object)
{
	if (may_be_module(object)) {
		if (!object->image && !read_remote_image(reader, object))
			read_image(reader, object);
	} else if (object->type == OBJECT_FILE) {
		find_device(reader->proc, reader->facts, object);
	}
	if (reader->needs & NEED_FILE_STATE)
		set_state(reader->proc, reader->facts, object);
}

void read_objects(struct proc *proc, struct facts *facts, unsigned needs)
{
	struct reader reader = { .proc = proc, .facts = facts, .needs = needs, .budget = image_budget() };

	for (size_t i = 0; i < facts->n_objects; i++)
		if (may_have_headers(facts->objects[i])) {
			unescape_name(proc, facts, facts->objects[i]);
			find_mount(proc, facts->objects[i]);
		}
	if (!(needs & NEEDS_FILE))
		read_all_headers(proc, facts);
	for (size_t i = 0; i < facts->n_objects; i++)
		if (may_have_headers(facts->objects[i]))
			read_object(&reader, facts->objects[i]);
	find_archived(proc, facts, needs, &reader.budget);
	note_unreadable(facts, reader.budget.is_exceeded);
	file_images_done(&reader.files);
	if (proc->has_waited_in_vain)
		notes_warn(
			&facts->notes, "files-timeout",
			"mapped files are on a file system whose server did not answer in time: details from "
			"them are missing");
	note_without_sections(facts, needs & (NEED_SECTIONS | NEED_LOOKUPS));
	elf_note_unread_sections(facts);
}
