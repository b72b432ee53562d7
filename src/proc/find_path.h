/* SPDX-License-Identifier: MIT */
/*
 * What paths lead to, as O_PATH descriptors: to find a file has no effect on it, and waits for no server unless
 * proc->may_wait.
 */
#pragma once

#include <stdbool.h>

#include "proc/process.h"

/*
 * An O_PATH descriptor of what `path` leads to below the process's root directory; or a negative errno.
 * Symbolic links, if they are followed, begin there as well.
 */
int proc_open_path(struct proc *proc, const char *path, bool follow_links);

/*
 * Names in maps hold no symbolic links, and so none are followed: a descriptor of O_PATH, or a negative errno. The
 * kernel remembers the path of what is mapped; another may lead across a file system whose server is away.
 */
int find_path_here(const struct proc *proc, const char *name);

/* Below a directory, links followed. */
int find_path_at(int dir_fd, const char *name);

/*
 * What a path leads to: below the process's own root, which is right for containers, and as it
 * stands, which is right for a chroot, since maps shows the path from the reader's root. A
 * recorded tree holds its files; those of this machine are none of its business.
 */
enum { IN_ROOT, AS_IT_STANDS, N_WAYS };

int find_path_by_way(struct proc *proc, const char *path, int way, bool follow_links);
