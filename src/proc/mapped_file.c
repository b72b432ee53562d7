/* SPDX-License-Identifier: MIT */
#include "proc/mapped_file.h"

#include <errno.h>
#include <fcntl.h>

#include "base/copy_file.h"
#include "base/open_plain.h"
#include "proc/failed_reads.h"
#include "proc/file_identity.h"
#include "proc/file_server.h"
#include "proc/find_file.h"
#include "proc/find_path.h"
#include "proc/helper_process.h"

static int open_any_way(struct proc *proc, const struct facts *facts, const struct object *object,
			struct stat *ret_stat)
{
	_cleanup_close_ int fd = find_file(proc, facts, object, ret_stat);

	return fd < 0 ? fd : open_found_file(proc, object, fd, ret_stat);
}

static int open_here(struct proc *proc, const struct facts *facts, const struct object *object,
		     struct stat *ret_stat)
{
	_cleanup_close_ int fd = open_any_way(proc, facts, object, ret_stat);

	if (fd >= 0 && proc->is_live && file_may_be_two(ret_stat, fd) &&
	    !file_has_same_contents(proc, &facts->mappings[object->first], fd))
		return -ESTALE;
	return fd < 0 ? fd : steal_fd(&fd);
}

static int open_exe_here(struct proc *proc)
{
	struct stat st;
	_cleanup_close_ int fd = find_path_at(proc->mm_fd, "exe");

	if (fd < 0)
		return fd;
	if (!proc_is_local_file(proc, fd))
		return -EAGAIN;
	return fstat(fd, &st) != 0 ? -errno : open_plain(fd, &st);
}

/* What a helper process is to open. */
struct wanted {
	struct proc *proc;
	const struct facts *facts;
	const struct object *object; /* NULL: the program that the process runs */
	int copy;		     /* a memory file for its contents */
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

/*
 * Bytes that may be copied of all parts together. Each part is copied several times, but no archive has
 * libraries of gigabytes. Headers may claim, though, that each page of it is a library as large as the
 * archive.
 */
#define PARTS_SIZE_MAX (UINT64_C(8) * COPY_SIZE_MAX)

/* Makes a separate file of an object that is only part of one. */
static int copy_part(struct proc *proc, int fd, const struct object *object)
{
	_cleanup_close_ int copy = make_memory_file();
	int r = copy < 0 ? copy : -EFBIG;

	if (copy >= 0 && object->part_size <= PARTS_SIZE_MAX - proc->part_bytes) {
		proc->part_bytes += object->part_size;
		r = copy_file_part(fd, object->part_offset, object->part_size, copy);
	}
	proc_report(proc, object->name, r);

	return r < 0 ? r : steal_fd(&copy);
}

int open_object(struct proc *proc, const struct facts *facts, const struct object *object,
		struct stat *ret_stat)
{
	int fd = object_is_local(proc, object) ? open_here(proc, facts, object, ret_stat) :
						 open_copy(proc, facts, object, ret_stat);
	_cleanup_close_ int whole = object->part_size > 0 ? fd : -1;

	return whole < 0 ? fd : copy_part(proc, whole, object);
}

int open_exe(struct proc *proc)
{
	int fd = open_exe_here(proc);
	struct stat st;

	return fd == -EAGAIN ? open_copy(proc, NULL, NULL, &st) : fd;
}

int stat_object(struct proc *proc, const struct facts *facts, const struct object *object, struct stat *ret)
{
	_cleanup_close_ int fd =
		object_is_local(proc, object) ? find_file(proc, facts, object, ret) : -EAGAIN;

	return fd < 0 ? fd : 0;
}
