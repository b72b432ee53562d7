/* SPDX-License-Identifier: MIT */
#include "proc/parse_mounts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

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
static bool read_device(const char *line, struct mounted_device *ret)
{
	unsigned long major, minor;
	char *p;

	strtoul(line, &p, 10);
	strtoul(p, &p, 10);
	major = strtoul(p, &p, 10);
	if (*p != ':' || major > UINT32_MAX)
		return false;
	minor = strtoul(p + 1, &p, 10);
	if (*p != ' ' || minor > UINT32_MAX)
		return false;
	ret->major = (uint32_t)major;
	ret->minor = (uint32_t)minor;
	return true;
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

static const char *next_line(const char *line, const char *end)
{
	const char *newline = memchr(line, '\n', (size_t)(end - line));

	return newline ? newline + 1 : end;
}

static size_t count_lines(const char *text, const char *end)
{
	size_t n = 0;

	for (const char *line = text; line < end; line = next_line(line, end))
		n++;
	return n;
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_devices(const void *a, const void *b)
{
	const struct mounted_device *x = a;
	const struct mounted_device *y = b;
	int order = COMPARE(x->major, y->major);

	return order != 0 ? order : COMPARE(x->minor, y->minor);
}

static int compare_device_lines(const void *a, const void *b)
{
	const struct mounted_device *x = a;
	const struct mounted_device *y = b;
	int order = compare_devices(a, b);

	return order != 0 ? order : COMPARE(x->line, y->line);
}

static int compare_numbers(const void *a, const void *b)
{
	const struct mount_number *x = a;
	const struct mount_number *y = b;

	return COMPARE(x->id, y->id);
}

static int compare_number_lines(const void *a, const void *b)
{
	const struct mount_number *x = a;
	const struct mount_number *y = b;
	int order = compare_numbers(a, b);

	return order != 0 ? order : COMPARE(x->line, y->line);
}

/* Of the lines of one device, the first tells whether it is local; any may be /dev/shm. */
static void sort_devices(struct mounts *mounts)
{
	struct mounted_device *devices = mounts->devices;
	size_t n = 0;

	mem_sort(devices, mounts->n_devices, sizeof(*devices), compare_device_lines);
	for (size_t i = 0; i < mounts->n_devices; i++) {
		if (n > 0 && compare_devices(&devices[n - 1], &devices[i]) == 0)
			devices[n - 1].is_shm |= devices[i].is_shm;
		else
			devices[n++] = devices[i];
	}
	mounts->n_devices = n;
}

/* A mount that both we and the process see has two lines. */
static void sort_numbers(struct mounts *mounts)
{
	struct mount_number *numbers = mounts->numbers;
	size_t n = 0;

	mem_sort(numbers, mounts->n_numbers, sizeof(*numbers), compare_number_lines);
	for (size_t i = 0; i < mounts->n_numbers; i++)
		if (n == 0 || numbers[n - 1].id != numbers[i].id)
			numbers[n++] = numbers[i];
	mounts->n_numbers = n;
}

static void add_line(struct mounts *mounts, const char *line, uint32_t number)
{
	struct mounted_device device = { .line = number, .is_local = is_local(line) };

	mounts->are_local &= device.is_local || is_kernels(line);
	mounts->numbers[mounts->n_numbers++] = (struct mount_number){
		.id = strtoull(line, NULL, 10),
		.line = number,
		.is_local = device.is_local,
	};
	if (!read_device(line, &device))
		return;
	device.is_shm = is_on_dev_shm(line);
	mounts->devices[mounts->n_devices++] = device;
}

void parse_mounts(struct mounts *mounts, const char *text)
{
	const char *end = text + strlen(text);
	size_t n = count_lines(text, end);
	uint32_t number = 0;

	*mounts = (struct mounts){
		.devices = mem_array(n, sizeof(*mounts->devices)),
		.numbers = mem_array(n, sizeof(*mounts->numbers)),
		.are_local = true,
	};
	for (const char *at = text, *next; at < end; at = next) {
		_cleanup_free_ char *line = NULL;

		next = next_line(at, end);
		line = mem_copy(at, (size_t)(next - at));
		add_line(mounts, line, number++);
	}
	sort_devices(mounts);
	sort_numbers(mounts);
}

void mounts_done(struct mounts *mounts)
{
	free(mounts->devices);
	free(mounts->numbers);
	*mounts = (struct mounts){ 0 };
}

static const struct mounted_device *find_device(const struct mounts *mounts, uint32_t major, uint32_t minor)
{
	struct mounted_device key = { .major = major, .minor = minor };

	return mounts->n_devices == 0 ? NULL :
					bsearch(&key, mounts->devices, mounts->n_devices,
						sizeof(*mounts->devices), compare_devices);
}

enum mount mounts_find(const struct mounts *mounts, uint32_t major, uint32_t minor)
{
	const struct mounted_device *device = find_device(mounts, major, minor);

	return !device ? MOUNT_NONE : device->is_shm ? MOUNT_SHM : MOUNT_OTHER;
}

bool mounts_is_local(const struct mounts *mounts, uint32_t major, uint32_t minor)
{
	const struct mounted_device *device = find_device(mounts, major, minor);

	return device && device->is_local;
}

bool mounts_is_local_mount(const struct mounts *mounts, uint64_t id)
{
	struct mount_number key = { .id = id };
	const struct mount_number *number = mounts->n_numbers == 0 ?
						    NULL :
						    bsearch(&key, mounts->numbers, mounts->n_numbers,
							    sizeof(*mounts->numbers), compare_numbers);

	return number && number->is_local;
}
