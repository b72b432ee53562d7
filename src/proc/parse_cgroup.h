/* SPDX-License-Identifier: MIT */
/*
 * The text of /proc/PID/cgroup (cgroups(7)), and what paths of cgroups mean. Pure.
 */
#pragma once

#include <stddef.h>

/*
 * The path of the cgroup that memory is charged to: of the memory controller of version 1, where it has one, or of
 * version 2. The caller frees it; NULL: there is none.
 */
char *parse_cgroup(const char *text);

/*
 * The container that a cgroup belongs to, by the conventions of Docker, containerd, CRI-O, Podman, LXC and
 * systemd-nspawn: its ID or name, as a part of the path, and its length. NULL: none.
 */
const char *cgroup_container(const char *path, size_t *ret_len);
