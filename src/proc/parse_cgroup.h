/* SPDX-License-Identifier: MIT */
/*
 * The text of /proc/PID/cgroup (cgroups(7)), and the meaning of cgroup paths. Pure.
 */
#pragma once

#include <stddef.h>

/*
 * The path of the cgroup that memory is charged to: the one of version 1's memory controller, if
 * there is one, else the one of version 2. The caller frees it; NULL: none.
 */
char *parse_cgroup(const char *text);

/*
 * The container that a cgroup belongs to, by the conventions of Docker, containerd, CRI-O, Podman, LXC and
 * systemd-nspawn: its ID or name, as a part of the path, and its length. NULL: none.
 */
const char *cgroup_container(const char *path, size_t *ret_len);
