/* SPDX-License-Identifier: MIT */
#include "proc/find_path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc/file_server.h"

#define CACHED_TRIES \
	3 /* when something is renamed at the same moment, the kernel does not answer from its memory */

/* openat2(), without waiting for any server. -EAGAIN: the path is not among those that the kernel remembers. */
static int proc_find_cached(int dir_fd, const char *path, uint64_t resolve)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = resolve | RESOLVE_CACHED };
	long fd = -1;

	errno = EAGAIN;
	for (int i = 0; fd < 0 && errno == EAGAIN && i < CACHED_TRIES; i++)
		fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

int proc_open_path(struct proc *proc, const char *path, bool follow_links)
{
	int flags = O_PATH | O_DIRECTORY;
	int root_fd = proc_open_once(&proc->root_fd, proc->mm_fd, "root", flags);
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | (follow_links ? RESOLVE_NO_MAGICLINKS : RESOLVE_NO_SYMLINKS),
	};
	long fd;

	if (root_fd < 0)
		return root_fd;
	if (proc->is_live && !proc->may_wait && (!follow_links || !proc_all_local(proc))) {
		fd = proc_find_cached(root_fd, path, how.resolve);
		/* RESOLVE_CACHED: since Linux 5.12. */
		if (fd != -EINVAL && fd != -ENOSYS)
			return (int)fd;
	}
	fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	/*
	 * Before Linux 5.6 links are followed from our own root. Of a live process the file is
	 * verified afterwards; out of a recorded tree nothing may lead.
	 */
	if (fd < 0 && errno == ENOSYS && proc->is_live)
		fd = openat(root_fd, path + strspn(path, "/"),
			    O_PATH | O_CLOEXEC | (follow_links ? 0 : O_NOFOLLOW));
	return fd < 0 ? -errno : (int)fd;
}

int find_path_here(const struct proc *proc, const char *name)
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

int find_path_at(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_PATH | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int find_path_by_way(struct proc *proc, const char *path, int way, bool follow_links)
{
	if (path[0] != '/')
		return -ENOENT;
	if (way == IN_ROOT)
		return proc_open_path(proc, path, follow_links);
	if (!proc->is_live)
		return -ENOENT;
	return follow_links ? find_path_at(AT_FDCWD, path) : find_path_here(proc, path);
}
