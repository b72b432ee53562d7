/* SPDX-License-Identifier: MIT */
#include "proc/parse_mounts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

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

/* The device of a line, "ID PARENT MAJOR:MINOR …"; false when it has none. */
static bool has_device(const char *line, uint32_t major, uint32_t minor)
{
	char *p;

	strtoul(line, &p, 10);
	strtoul(p, &p, 10);
	if (strtoul(p, &p, 10) != major || *p != ':')
		return false;
	return strtoul(p + 1, &p, 10) == minor && *p == ' ';
}

enum mount parse_mounts(const char *text, uint32_t major, uint32_t minor)
{
	enum mount mount = MOUNT_NONE;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!has_device(line, major, minor))
			continue;
		if (is_on_dev_shm(line))
			return MOUNT_SHM;
		mount = MOUNT_OTHER;
	}
	return mount;
}
