/* SPDX-License-Identifier: MIT */
#include "proc/find_path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc/file_server.h"

/* The kernel fails a cached lookup if something is being renamed at that moment. */
#define CACHED_TRIES 3

/* openat2() without waiting for a server. -EAGAIN: the kernel does not have the path cached. */
static int find_cached(int dir_fd, const char *path, uint64_t resolve)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = resolve | RESOLVE_CACHED };
	long fd = -1;

	errno = EAGAIN;
	for (int i = 0; fd < 0 && errno == EAGAIN && i < CACHED_TRIES; i++)
		fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

/* -ENOSYS before Linux 5.6. */
static int find_resolved(int dir_fd, const char *path, uint64_t resolve, bool may_wait)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = resolve };
	long fd;

	if (!may_wait) {
		fd = find_cached(dir_fd, path, resolve);
		/* RESOLVE_CACHED: since Linux 5.12. */
		if (fd != -EINVAL && fd != -ENOSYS)
			return (int)fd;
	}
	fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

static int find_unresolved(int dir_fd, const char *path, bool follow_links)
{
	int fd = openat(dir_fd, path, O_PATH | O_CLOEXEC | (follow_links ? 0 : O_NOFOLLOW));

	return fd < 0 ? -errno : fd;
}

int proc_open_path(struct proc *proc, const char *path, bool follow_links)
{
	uint64_t resolve = RESOLVE_IN_ROOT | (follow_links ? RESOLVE_NO_MAGICLINKS : RESOLVE_NO_SYMLINKS);
	int root_fd = proc_open_once(&proc->root_fd, proc->mm_fd, "root", O_PATH | O_DIRECTORY);
	int fd;

	if (root_fd < 0)
		return root_fd;
	fd = find_resolved(root_fd, path, resolve,
			   !proc->is_live || proc->may_wait || (follow_links && proc_all_local(proc)));
	/*
	 * Before Linux 5.6, links are followed from our own root. A live process's file is verified
	 * afterwards; but nothing may lead out of a recorded tree.
	 */
	return fd == -ENOSYS && proc->is_live ?
		       find_unresolved(root_fd, path + strspn(path, "/"), follow_links) :
		       fd;
}

int find_path_here(const struct proc *proc, const char *name)
{
	int fd = find_resolved(AT_FDCWD, name, RESOLVE_NO_SYMLINKS, proc->may_wait);

	/* Before Linux 5.6, only identity and contents can show that it is the right file. */
	return fd == -ENOSYS ? find_unresolved(AT_FDCWD, name, false) : fd;
}

int find_path_at(int dir_fd, const char *name)
{
	return find_unresolved(dir_fd, name, true);
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
