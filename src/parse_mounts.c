/* SPDX-License-Identifier: MIT */
#include "parse_mounts.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "util.h"

/* Whether a line's fifth field, the mount point, ends in /dev/shm. */
static bool is_on_dev_shm(const char *line)
{
	static const char suffix[] = "/dev/shm ";
	const char *point = line;
	const char *end;

	for (int field = 0; field < 4; field++) {
		point += strcspn(point, " \n");
		point += *point == ' ';
	}
	end = point + strcspn(point, " \n");
	return *end == ' ' && end + 1 - point >= (ptrdiff_t)sizeof(suffix) - 1 &&
	       memcmp(end + 2 - sizeof(suffix), suffix, sizeof(suffix) - 1) == 0;
}

enum mount parse_mounts(const char *text, uint32_t major, uint32_t minor)
{
	enum mount mount = MOUNT_NONE;
	unsigned line_major, line_minor;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%*u %*u %u:%u ", &line_major, &line_minor) != 2 ||
		    line_major != major || line_minor != minor)
			continue;
		if (is_on_dev_shm(line))
			return MOUNT_SHM;
		mount = MOUNT_OTHER;
	}
	return mount;
}
