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

/* The type of a line's file system, "… - TYPE SOURCE OPTIONS"; NULL when it has none. */
static const char *find_type(const char *line, size_t *ret_len)
{
	const char *type = memmem(line, strcspn(line, "\n"), " - ", 3);

	*ret_len = type ? strcspn(type + 3, " \n") : 0;
	return type ? type + 3 : NULL;
}

static bool is_one_of(const char *type, size_t len, const char *const *types, size_t n)
{
	for (size_t i = 0; type && i < n; i++)
		if (strlen(types[i]) == len && memcmp(type, types[i], len) == 0)
			return true;
	return false;
}

/* An overlayfs that a user has mounted may lie on a file system whose server is the user's. */
static bool is_users_overlay(const char *type, size_t len)
{
	return len == strlen("overlay") && memcmp(type, "overlay", len) == 0 &&
	       memmem(type, strcspn(type, "\n"), "userxattr", 9);
}

static bool is_local(const char *line)
{
	static const char *const types[] = {
		"bcachefs", "btrfs", "cramfs", "devtmpfs", "ecryptfs", "erofs",	  "exfat",
		"ext2",	    "ext3",  "ext4",   "f2fs",	   "hfs",      "hfsplus", "hugetlbfs",
		"iso9660",  "jffs2", "jfs",    "minix",	   "msdos",    "nilfs2",  "ntfs3",
		"overlay",  "proc",  "ramfs",  "reiserfs", "romfs",    "rootfs",  "squashfs",
		"sysfs",    "tmpfs", "ubifs",  "udf",	   "vfat",     "xfs",	  "zfs",
	};
	size_t len;
	const char *type = find_type(line, &len);

	return is_one_of(type, len, types, ARRAY_SIZE(types)) && !is_users_overlay(type, len);
}

/* The kernel's own file systems: they contain no real files, and wait for no server. */
static bool is_kernels(const char *line)
{
	static const char *const types[] = {
		"binfmt_misc", "bpf",	     "cgroup",	  "cgroup2", "configfs", "debugfs",
		"devpts",      "efivarfs",   "fusectl",	  "mqueue",  "nsfs",	 "pstore",
		"rpc_pipefs",  "securityfs", "selinuxfs", "tracefs",
	};
	size_t len;
	const char *type = find_type(line, &len);

	return is_one_of(type, len, types, ARRAY_SIZE(types));
}

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : line + strlen(line);
}

bool mounts_is_local(const char *text, uint32_t major, uint32_t minor)
{
	for (const char *line = text; *line; line = next_line(line))
		if (has_device(line, major, minor))
			return is_local(line);
	return false;
}

bool mounts_is_local_mount(const char *text, uint64_t id)
{
	for (const char *line = text; *line; line = next_line(line))
		if (strtoull(line, NULL, 10) == id)
			return is_local(line);
	return false;
}

bool mounts_are_local(const char *text)
{
	for (const char *line = text; *line; line = next_line(line))
		if (!is_local(line) && !is_kernels(line))
			return false;
	return true;
}

enum mount parse_mounts(const char *text, uint32_t major, uint32_t minor)
{
	enum mount mount = MOUNT_NONE;

	for (const char *line = text; *line; line = next_line(line)) {
		if (!has_device(line, major, minor))
			continue;
		if (is_on_dev_shm(line))
			return MOUNT_SHM;
		mount = MOUNT_OTHER;
	}
	return mount;
}
