/* SPDX-License-Identifier: MIT */
#include "proc/mapped_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/ioctl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "base/copy_file.h"
#include "base/mem.h"
#include "base/open_plain.h"
#include "elf/read_image.h"
#include "proc/helper_process.h"
#include "proc/file_server.h"
#include "proc/memory.h"
#include "proc/read_file.h"

/* PROCMAP_QUERY, since Linux 6.11 (include/uapi/linux/fs.h): newer than the headers we build with. */
struct procmap_query {
	uint64_t size, query_flags, query_addr;
	uint64_t vma_start, vma_end, vma_flags, vma_page_size, vma_offset, inode;
	uint32_t dev_major, dev_minor;
	uint32_t vma_name_size, build_id_size;
	uint64_t vma_name_addr, build_id_addr;
};

#define PROCMAP_QUERY _IOWR('f', 17, struct procmap_query)

/* ---- is this the mapped file? ---- */

static bool has_identity(const struct object *object, const struct stat *st)
{
	return st->st_ino == object->inode && major(st->st_dev) == object->major &&
	       minor(st->st_dev) == object->minor;
}

/* The build-id of a mapped file, from the kernel; its length, or 0. */
static size_t mapped_build_id(const struct proc *proc, const struct mapping *mapping,
			      unsigned char ret[BUILD_ID_MAX])
{
	_cleanup_close_ int fd = proc_open_file(proc->mm_fd, "maps");
	struct procmap_query query = {
		.size = sizeof(query),
		.query_addr = mapping->start,
		.build_id_size = BUILD_ID_MAX,
		.build_id_addr = (uintptr_t)ret,
	};

	if (fd < 0 || ioctl(fd, PROCMAP_QUERY, &query) != 0)
		return 0;
	return query.build_id_size;
}

bool object_is_mapped(int maps_fd, const struct mapping *mapping, const struct object *object)
{
	struct procmap_query query = { .size = sizeof(query), .query_addr = mapping->start };

	return ioctl(maps_fd, PROCMAP_QUERY, &query) == 0 && query.vma_start == mapping->start &&
	       query.vma_offset == mapping->offset && query.inode == object->inode &&
	       query.dev_major == object->major && query.dev_minor == object->minor;
}

static bool has_same_first_page(struct proc *proc, const struct mapping *mapping, int fd)
{
	char its[4096] = { 0 };
	char mapped[sizeof(its)];
	ssize_t n = pread(fd, its, sizeof(its), 0);

	/* ELF only: two data files may well begin alike. */
	return mapping->offset == 0 && n > 64 && memcmp(its, "\177ELF", 4) == 0 &&
	       proc_read_memory(proc, mapping->start, mapped, sizeof(mapped)) == sizeof(mapped) &&
	       memcmp(its, mapped, sizeof(its)) == 0;
}

/*
 * Device and inode differ for the same file on overlayfs and btrfs, where the kernel shows one
 * pair in maps and another to stat(). Its contents then have to tell.
 */
static bool has_same_contents(struct proc *proc, const struct mapping *mapping, int fd)
{
	unsigned char its[BUILD_ID_MAX], mapped[BUILD_ID_MAX];
	size_t len = mapped_build_id(proc, mapping, mapped);

	/* A build-id may lie behind a first page that two builds have in common. */
	if (len > 0)
		return elf_image_build_id(fd, its) == (ssize_t)len && memcmp(its, mapped, len) == 0;
	return has_same_first_page(proc, mapping, fd);
}

/*
 * On overlayfs a file that is written to becomes another one, in the upper layer, and keeps its
 * device, inode and all links to it; what is mapped is still the one in the lower layer, which
 * nothing leads to any more. Elsewhere what is mapped changes along with its file.
 */
static bool may_be_two_files(const struct stat *st, int fd)
{
	struct statfs fs;

	return major(st->st_dev) == 0 && (fstatfs(fd, &fs) != 0 || fs.f_type == OVERLAYFS_SUPER_MAGIC);
}

/* ---- the plain case: the name leads to it ---- */

/*
 * Names in maps hold no symbolic links, and so none are followed: a descriptor of O_PATH, or a negative errno. The
 * kernel remembers the path of what is mapped; another may lead across a file system whose server is away.
 */
static int find_name(const struct proc *proc, const char *name)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS,
	};
	long fd;

	if (!proc->may_wait) {
		fd = proc_find_cached(AT_FDCWD, name, RESOLVE_NO_SYMLINKS);
		/* RESOLVE_CACHED: since Linux 5.12. */
		if (fd != -EINVAL && fd != -ENOSYS)
			return (int)fd;
	}
	fd = syscall(SYS_openat2, AT_FDCWD, name, &how, sizeof(how));
	/* Before Linux 5.6 identity and contents alone have to tell. */
	if (fd < 0 && errno == ENOSYS)
		fd = open(name, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : (int)fd;
}

/*
 * The mapping keeps its inode from being given to another file, so one pair of device and inode is
 * one file. Where they differ, more has to be asked.
 */
static int find_by_name(const struct proc *proc, const struct object *object, struct stat *ret)
{
	_cleanup_close_ int fd = -1;

	if (!proc->is_live || !object->name || object->name[0] != '/')
		return -ENOENT;
	fd = find_name(proc, object->name);
	if (fd < 0 || stat_cached(fd, ret) != 0 || !has_identity(object, ret))
		return -ENOENT;
	return steal_fd(&fd);
}

/* ---- candidates, as O_PATH descriptors: finding a file has no effect on it ---- */

static int open_path(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_PATH | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static bool link_leads_to(int dir_fd, const char *link, const struct object *object)
{
	size_t len;
	_cleanup_free_ char *target = proc_read_link(dir_fd, link, &len);

	return target && len == object->name_len && memcmp(target, object->name, len) == 0;
}

/*
 * Through a link of the kernel's own, which cannot lead to a wrong file, but may by now lead
 * to what was mapped in the meantime: identity or the name under it must agree.
 */
static int find_by_link(struct proc *proc, const struct object *object, const char *link, struct stat *ret)
{
	_cleanup_close_ int fd = open_path(proc->mm_fd, link);

	if (fd < 0)
		return fd;
	if (stat_cached(fd, ret) != 0)
		return -ESTALE;
	if (proc->is_live && !has_identity(object, ret) && !link_leads_to(proc->mm_fd, link, object))
		return -ESTALE;
	return steal_fd(&fd);
}

static int find_by_map_files(struct proc *proc, const struct mapping *mapping, const struct object *object,
			     struct stat *ret)
{
	char link[64];
	int fd;

	/* In a recorded tree links lead to wherever they led when it was recorded. */
	if (proc->no_map_files || !proc->is_live)
		return -EPERM;
	snprintf(link, sizeof(link), "map_files/%" PRIx64 "-%" PRIx64, mapping->start, mapping->end);
	fd = find_by_link(proc, object, link, ret);
	/* Refused to the unprivileged, always, and absent below task/. */
	if (fd == -EPERM || fd == -EACCES || (fd == -ENOENT && proc->mm_fd != proc->fd))
		proc->no_map_files = true;
	return fd;
}

/*
 * What a path leads to: below the process's own root, which is right for containers, and as it
 * stands, which is right for a chroot, since maps shows the path from the reader's root. A
 * recorded tree holds its files; those of this machine are none of its business.
 */
enum { IN_ROOT, AS_IT_STANDS, N_WAYS };

static int open_way(struct proc *proc, const char *path, int way, bool follow_links)
{
	if (path[0] != '/')
		return -ENOENT;
	if (way == IN_ROOT)
		return proc_open_path(proc, path, follow_links);
	if (!proc->is_live)
		return -ENOENT;
	return follow_links ? open_path(AT_FDCWD, path) : find_name(proc, path);
}

/*
 * Opens what is found of a mapping on a local device: what is not known to be on that device may be what has been
 * put in its place.
 */
static int open_found(struct proc *proc, const struct object *object, int path_fd, const struct stat *st)
{
	if (!proc->may_wait && !has_identity(object, st) && !proc_is_local_file(proc, path_fd))
		return -EAGAIN;
	return open_plain(path_fd, st);
}

static bool leads_to_same_contents(struct proc *proc, const struct object *object,
				   const struct mapping *mapping, int path_fd, const struct stat *st)
{
	_cleanup_close_ int fd = open_found(proc, object, path_fd, st);

	return fd >= 0 && has_same_contents(proc, mapping, fd);
}

static int find_by_path(struct proc *proc, const struct mapping *mapping, const struct object *object,
			struct stat *ret)
{
	for (int way = 0; object->name && way < N_WAYS; way++) {
		_cleanup_close_ int fd = open_way(proc, object->name, way, !proc->is_live);

		if (fd < 0 || stat_cached(fd, ret) != 0)
			continue;
		if (!proc->is_live || has_identity(object, ret) ||
		    leads_to_same_contents(proc, object, mapping, fd, ret))
			return steal_fd(&fd);
	}
	return -ENOENT;
}

static int find_object(struct proc *proc, const struct facts *facts, const struct object *object,
		       struct stat *ret)
{
	const struct mapping *mapping = &facts->mappings[object->first];
	int fd = find_by_name(proc, object, ret);

	if (fd < 0)
		fd = find_by_map_files(proc, mapping, object, ret);
	if (fd < 0 && proc->is_live && object->name && link_leads_to(proc->mm_fd, "exe", object))
		fd = find_by_link(proc, object, "exe", ret);
	if (fd < 0)
		fd = find_by_path(proc, mapping, object, ret);
	return fd;
}

static int open_any_way(struct proc *proc, const struct facts *facts, const struct object *object,
			struct stat *ret_stat)
{
	_cleanup_close_ int fd = find_object(proc, facts, object, ret_stat);

	return fd < 0 ? fd : open_found(proc, object, fd, ret_stat);
}

static int open_here(struct proc *proc, const struct facts *facts, const struct object *object,
		     struct stat *ret_stat)
{
	_cleanup_close_ int fd = open_any_way(proc, facts, object, ret_stat);

	if (fd >= 0 && proc->is_live && may_be_two_files(ret_stat, fd) &&
	    !has_same_contents(proc, &facts->mappings[object->first], fd))
		return -ESTALE;
	return fd < 0 ? fd : steal_fd(&fd);
}

static int open_exe_here(struct proc *proc)
{
	struct stat st;
	_cleanup_close_ int fd = open_path(proc->mm_fd, "exe");

	if (fd < 0)
		return fd;
	if (!proc->may_wait && !proc_is_local_file(proc, fd))
		return -EAGAIN;
	return fstat(fd, &st) != 0 ? -errno : open_plain(fd, &st);
}

/* ---- by a process that can be given up ---- */

struct wanted {
	struct proc *proc;
	const struct facts *facts;
	const struct object *object; /* NULL: the program that runs */
	int copy;		     /* goes here */
};

static int fetch(void *context, void *answer)
{
	const struct wanted *wanted = context;
	_cleanup_close_ int fd = -1;

	wanted->proc->may_wait = true;
	fd = wanted->object ? open_here(wanted->proc, wanted->facts, wanted->object, answer) :
			      open_exe_here(wanted->proc);
	return fd < 0 ? fd : copy_file(fd, wanted->copy);
}

static int open_copy(struct proc *proc, const struct facts *facts, const struct object *object,
		     struct stat *ret_stat)
{
	_cleanup_close_ int copy = make_memory_file();
	struct wanted wanted = { .proc = proc, .facts = facts, .object = object, .copy = copy };
	int r = copy < 0 ? copy : ask_helper(proc, fetch, &wanted, ret_stat, sizeof(*ret_stat));

	return r < 0 ? r : steal_fd(&copy);
}

static bool is_local(struct proc *proc, const struct object *object)
{
	return proc->may_wait || proc_is_local(proc, object->major, object->minor);
}

/* A file that is only a part of one, as a file of its own. */
static int copy_part(int fd, const struct object *object)
{
	_cleanup_close_ int copy = make_memory_file();
	int r = copy < 0 ? copy : copy_file_part(fd, object->part_offset, object->part_size, copy);

	return r < 0 ? r : steal_fd(&copy);
}

int open_object(struct proc *proc, const struct facts *facts, const struct object *object,
		struct stat *ret_stat)
{
	int fd = is_local(proc, object) ? open_here(proc, facts, object, ret_stat) :
					  open_copy(proc, facts, object, ret_stat);
	_cleanup_close_ int whole = object->part_size > 0 ? fd : -1;

	return whole < 0 ? fd : copy_part(whole, object);
}

int open_exe(struct proc *proc)
{
	int fd = open_exe_here(proc);
	struct stat st;

	return fd == -EAGAIN ? open_copy(proc, NULL, NULL, &st) : fd;
}

int stat_object(struct proc *proc, const struct facts *facts, const struct object *object, struct stat *ret)
{
	_cleanup_close_ int fd = is_local(proc, object) ? find_object(proc, facts, object, ret) : -EAGAIN;

	return fd < 0 ? fd : 0;
}

/* ---- what has become of it ---- */

static bool is_same(const struct object *object, const struct stat *truth, const struct stat *st)
{
	if (truth)
		return truth->st_dev == st->st_dev && truth->st_ino == st->st_ino;
	/* Of overlayfs and btrfs the device number alone may differ. */
	return has_identity(object, st) || st->st_ino == object->inode;
}

enum found { FOUND_NOTHING, FOUND_ANOTHER, FOUND_IT };

/* `truth` is the mapped file's, where it is known. */
static enum found look_at(struct proc *proc, const struct object *object, const struct stat *truth,
			  const char *path)
{
	enum found found = FOUND_NOTHING;

	for (int way = 0; way < N_WAYS; way++) {
		_cleanup_close_ int fd = open_way(proc, path, way, true);
		struct stat st;

		if (fd < 0 || fstat(fd, &st) != 0)
			continue;
		if (is_same(object, truth, &st))
			return FOUND_IT;
		found = FOUND_ANOTHER;
	}
	return found;
}

/* The path of an unlinked file, without the kernel's word for it; NULL when it is not one. */
static char *unlinked_path(const struct object *object)
{
	size_t suffix = sizeof(DELETED_SUFFIX) - 1;
	size_t len = object->name_len;

	if (len <= suffix || memcmp(object->name + len - suffix, DELETED_SUFFIX, suffix) != 0)
		return NULL;
	return mem_copy(object->name, len - suffix);
}

static bool leads_by_name(const struct proc *proc, const struct object *object)
{
	struct stat st;
	_cleanup_close_ int fd = find_by_name(proc, object, &st);

	return fd >= 0;
}

static enum file_state path_state(struct proc *proc, const struct facts *facts, const struct object *object)
{
	static const enum file_state unlinked[] = {
		[FOUND_NOTHING] = FILE_DELETED,
		[FOUND_ANOTHER] = FILE_REPLACED,
		[FOUND_IT] = FILE_OK,
	};
	_cleanup_free_ char *path = NULL;
	const struct stat *truth = NULL;
	struct stat st;
	enum found found;

	if (stat_object(proc, facts, object, &st) == 0)
		truth = &st;
	found = look_at(proc, object, truth, object->name);
	if (found == FOUND_IT)
		return FILE_OK;
	/* Now that no file of that name is it, " (deleted)" is not a part of the name. */
	path = unlinked_path(object);
	if (path)
		return unlinked[look_at(proc, object, truth, path)];
	if (!truth)
		return FILE_UNREADABLE;
	return found == FOUND_ANOTHER ? FILE_REPLACED : FILE_OK;
}

/*
 * O_TMPFILE: a file without a path from the beginning, which the kernel calls by its inode. Code
 * in it is as much out of sight as that in a deleted file, and is called so.
 */
static bool never_had_path(const struct object *object)
{
	char name[sizeof("/#18446744073709551615" DELETED_SUFFIX)];
	int len = snprintf(name, sizeof(name), "/#%" PRIu64 DELETED_SUFFIX, object->inode);

	return !object->is_executable && object->name && object->name_len >= (size_t)len &&
	       memcmp(object->name + object->name_len - (size_t)len, name, (size_t)len) == 0;
}

/* Whether the file is where it was and was refused all the same, as no longer what is mapped. */
static bool has_other_contents(struct proc *proc, const struct facts *facts, const struct object *object)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (object->headers != HEADERS_MEMORY && object->headers != HEADERS_UNREADABLE)
		return false;
	fd = open_object(proc, facts, object, &st);
	return fd == -ESTALE;
}

/* A file that is where it was. */
static enum file_state state_in_place(struct proc *proc, const struct facts *facts,
				      const struct object *object)
{
	return has_other_contents(proc, facts, object) ? FILE_REPLACED : FILE_OK;
}

static enum file_state state_here(struct proc *proc, const struct facts *facts, const struct object *object)
{
	enum file_state state = leads_by_name(proc, object) ? FILE_OK : path_state(proc, facts, object);

	if (state == FILE_DELETED && never_had_path(object))
		return FILE_OK;
	return state == FILE_OK ? state_in_place(proc, facts, object) : state;
}

static int tell_state(void *context, void *answer)
{
	const struct wanted *wanted = context;

	wanted->proc->may_wait = true;
	*(enum file_state *)answer = state_here(wanted->proc, wanted->facts, wanted->object);
	return 0;
}

enum file_state object_state(struct proc *proc, const struct facts *facts, const struct object *object)
{
	struct wanted wanted = { .proc = proc, .facts = facts, .object = object };
	enum file_state state;

	if (!object->name || object->name[0] != '/')
		return FILE_NONE;
	if (is_local(proc, object) && leads_by_name(proc, object))
		return state_in_place(proc, facts, object);
	/* Where else a path leads may be anywhere. */
	if (is_local(proc, object) && proc_all_local(proc))
		return state_here(proc, facts, object);
	return ask_helper(proc, tell_state, &wanted, &state, sizeof(state)) < 0 ? FILE_UNREADABLE : state;
}
