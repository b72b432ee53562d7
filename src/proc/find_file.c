/* SPDX-License-Identifier: MIT */
#include "proc/find_file.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/open_plain.h"
#include "proc/file_identity.h"
#include "proc/file_server.h"
#include "proc/find_path.h"
#include "proc/read_file.h"

int find_file_by_name(const struct proc *proc, const struct object *object, struct stat *ret)
{
	_cleanup_close_ int fd = -1;

	if (!proc->is_live || !object->name || object->name[0] != '/')
		return -ENOENT;
	fd = find_path_here(proc, object->name);
	if (fd < 0 || stat_cached(fd, ret) != 0 || !file_has_identity(object, ret))
		return -ENOENT;
	return steal_fd(&fd);
}

static bool link_leads_to(int dir_fd, const char *link, const struct object *object)
{
	size_t len;
	_cleanup_free_ char *target = NULL;

	return proc_read_link(dir_fd, link, &target, &len) == 0 && len == object->name_len &&
	       memcmp(target, object->name, len) == 0;
}

/*
 * Follows one of the kernel's own links. It cannot lead to a wrong file, but may lead to one that
 * was mapped there in the meantime: the identity, or the name that the link shows, must match.
 */
static int find_by_link(struct proc *proc, const struct object *object, const char *link, struct stat *ret)
{
	_cleanup_close_ int fd = find_path_at(proc->mm_fd, link);

	if (fd < 0)
		return fd;
	if (stat_cached(fd, ret) != 0)
		return -ESTALE;
	if (proc->is_live && !file_has_identity(object, ret) && !link_leads_to(proc->mm_fd, link, object))
		return -ESTALE;
	return steal_fd(&fd);
}

static int find_by_map_files(struct proc *proc, const struct mapping *mapping, const struct object *object,
			     struct stat *ret)
{
	char link[64];
	int fd;

	/* Links in a recorded tree lead to wherever they led when it was recorded. */
	if (proc->no_map_files || !proc->is_live)
		return -EPERM;
	snprintf(link, sizeof(link), "map_files/%" PRIx64 "-%" PRIx64, mapping->start, mapping->end);
	fd = find_by_link(proc, object, link, ret);
	/* Unprivileged users are always refused, and there is no map_files below task/. */
	if (fd == -EPERM || fd == -EACCES || (fd == -ENOENT && proc->mm_fd != proc->fd))
		proc->no_map_files = true;
	return fd;
}

int open_found_file(struct proc *proc, const struct object *object, int path_fd, const struct stat *st)
{
	if (!file_has_identity(object, st) && !proc_is_local_file(proc, path_fd))
		return -EAGAIN;
	return open_plain(path_fd, st);
}

static bool leads_to_same_contents(struct proc *proc, const struct object *object,
				   const struct mapping *mapping, int path_fd, const struct stat *st)
{
	_cleanup_close_ int fd = open_found_file(proc, object, path_fd, st);

	return fd >= 0 && file_has_same_contents(proc, mapping, fd);
}

static int find_by_path(struct proc *proc, const struct mapping *mapping, const struct object *object,
			struct stat *ret)
{
	for (int way = 0; object->name && way < N_WAYS; way++) {
		_cleanup_close_ int fd = find_path_by_way(proc, object->name, way, !proc->is_live);

		if (fd < 0 || stat_cached(fd, ret) != 0)
			continue;
		if (!proc->is_live || file_has_identity(object, ret) ||
		    leads_to_same_contents(proc, object, mapping, fd, ret))
			return steal_fd(&fd);
	}
	return -ENOENT;
}

int find_file(struct proc *proc, const struct facts *facts, const struct object *object, struct stat *ret)
{
	const struct mapping *mapping = &facts->mappings[object->first];
	int fd = find_file_by_name(proc, object, ret);

	if (fd < 0)
		fd = find_by_map_files(proc, mapping, object, ret);
	if (fd < 0 && proc->is_live && object->name && link_leads_to(proc->mm_fd, "exe", object))
		fd = find_by_link(proc, object, "exe", ret);
	if (fd < 0)
		fd = find_by_path(proc, mapping, object, ret);
	return fd;
}
