/* SPDX-License-Identifier: MIT */
#include "base/reopen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

int reopen(int path_fd)
{
	char self[64];
	int fd;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", path_fd);
	fd = open(self, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}
