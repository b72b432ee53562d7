/* SPDX-License-Identifier: MIT */
/*
 * Resolves paths to O_PATH descriptors: finding a file has no effect on it, and waits for no server
 * unless proc->may_wait is set.
 */
#pragma once

#include <stdbool.h>

#include "proc/process.h"

/*
 * An O_PATH descriptor of the file at `path` below the process's root directory, or a negative
 * errno. Symbolic links, if they are followed, start from that directory too.
 */
int proc_open_path(struct proc *proc, const char *path, bool follow_links);

/*
 * Finds a name from maps. Such names contain no symbolic links, so none are followed. The kernel
 * has the path of a mapped file cached; any other path may cross a file system whose server is
 * down. An O_PATH descriptor, or a negative errno.
 */
int find_path_here(const struct proc *proc, const char *name);

/* Likewise below a directory, following links. */
int find_path_at(int dir_fd, const char *name);

/*
 * The ways to resolve a path: below the process's own root, which is right for containers; and as
 * it stands, which is right for a chroot, since maps shows paths from the reader's root. A recorded
 * tree contains its own files; those of this machine are never looked at for it.
 */
enum { IN_ROOT, AS_IT_STANDS, N_WAYS };

int find_path_by_way(struct proc *proc, const char *path, int way, bool follow_links);
