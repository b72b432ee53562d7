/* SPDX-License-Identifier: MIT */
#include "proc/file_server.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/copy_file.h"
#include "base/mem.h"
#include "proc/parse_status.h"
#include "proc/read_file.h"
#include "proc/failed_reads.h"

static void read_mounts(struct proc *proc)
{
	size_t len;
	_cleanup_free_ char *its = proc_read(proc, proc->mm_fd, "mountinfo", &len);
	_cleanup_free_ char *ours =
		its && proc->is_live ? proc_read(proc, AT_FDCWD, "/proc/self/mountinfo", &len) : NULL;
	/* Ours alone would not show what the process has mounted, in as many places as it likes. */
	_cleanup_free_ char *text = its ? mem_format("%s%s", its, ours ? ours : "") : NULL;

	proc->has_mounts = text;
	if (text)
		parse_mounts(&proc->mounts, text);
}

const struct mounts *proc_mounts(struct proc *proc)
{
	if (!proc->has_sought_mounts)
		read_mounts(proc);
	proc->has_sought_mounts = true;
	return proc->has_mounts ? &proc->mounts : NULL;
}

static bool has_device(const struct stat *st, uint32_t major, uint32_t minor)
{
	return major(st->st_dev) == major && minor(st->st_dev) == minor;
}

/* Whether the device is that of our own root directory, which is known without the table of mounts. */
static bool is_known(uint32_t major, uint32_t minor)
{
	struct stat st;

	return stat("/", &st) == 0 && has_device(&st, major, minor);
}

/* Whether the device is that of named shared and anonymous memory, which is in no table of mounts. */
static bool is_memory(uint32_t major, uint32_t minor)
{
	_cleanup_close_ int fd = major == 0 ? make_memory_file() : -1;
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && has_device(&st, major, minor);
}

bool proc_is_local(struct proc *proc, uint32_t major, uint32_t minor)
{
	dev_t device = makedev(major, minor);
	const struct mounts *mounts;

	if (!proc->is_live || (proc->has_local && proc->local == device))
		return true;
	if (!is_known(major, minor)) {
		mounts = proc_mounts(proc);
		if (!(mounts && mounts_is_local(mounts, major, minor)) && !is_memory(major, minor))
			return false;
	}
	proc->has_local = true;
	proc->local = device;
	return true;
}

bool proc_is_local_file(struct proc *proc, int path_fd)
{
	char name[64];
	size_t len;
	_cleanup_free_ char *info = NULL;
	const struct mounts *mounts = NULL;

	if (!proc->is_live || proc->may_wait)
		return true;
	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", path_fd);
	if (proc_read_file(AT_FDCWD, name, &info, &len) == 0)
		mounts = proc_mounts(proc);
	return mounts && mounts_is_local_mount(mounts, parse_status_number(info, "mnt_id"));
}

bool proc_all_local(struct proc *proc)
{
	const struct mounts *mounts = proc->is_live ? proc_mounts(proc) : NULL;

	return !proc->is_live || (mounts && mounts->are_local);
}

bool object_is_local(struct proc *proc, const struct object *object)
{
	return proc->may_wait || proc_is_local(proc, object->major, object->minor);
}
