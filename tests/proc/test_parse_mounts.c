/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "proc/parse_mounts.h"

static const char mounts[] = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
			     "23 22 0:5 / /dev rw,nosuid shared:2 - devtmpfs udev rw\n"
			     "24 23 0:27 / /dev/shm rw,nosuid,nodev shared:4 - tmpfs tmpfs rw\n"
			     "25 22 0:28 / /tmp rw - tmpfs tmpfs rw\n"
			     "26 22 0:29 / /srv/dev/shm rw - tmpfs tmpfs rw\n"
			     "27 22 0:30 / /srv/dev/shm2 rw - tmpfs tmpfs rw\n"
			     "28 22 0:31 / /srv/a rw - tmpfs /dev/shm rw\n"
			     "29 22 0:27 / /srv/b rw - tmpfs tmpfs rw\n";

static enum mount find(const char *text, uint32_t major, uint32_t minor)
{
	struct mounts table;
	enum mount mount;

	parse_mounts(&table, text);
	mount = mounts_find(&table, major, minor);
	mounts_done(&table);
	return mount;
}

static bool is_local(const char *text, uint32_t major, uint32_t minor)
{
	struct mounts table;
	bool answer;

	parse_mounts(&table, text);
	answer = mounts_is_local(&table, major, minor);
	mounts_done(&table);
	return answer;
}

static bool is_local_mount(const char *text, uint64_t id)
{
	struct mounts table;
	bool answer;

	parse_mounts(&table, text);
	answer = mounts_is_local_mount(&table, id);
	mounts_done(&table);
	return answer;
}

static bool are_local(const char *text)
{
	struct mounts table;
	bool answer;

	parse_mounts(&table, text);
	answer = table.are_local;
	mounts_done(&table);
	return answer;
}

Test(parse_mounts, a_device_that_is_not_mounted_is_the_kernels_own)
{
	cr_assert_eq(find(mounts, 0, 1), MOUNT_NONE);
	cr_assert_eq(find(mounts, 0, 2), MOUNT_NONE);
	cr_assert_eq(find("", 0, 5), MOUNT_NONE);
}

Test(parse_mounts, file_systems)
{
	cr_assert_eq(find(mounts, 254, 0), MOUNT_OTHER);
	cr_assert_eq(find(mounts, 0, 28), MOUNT_OTHER);
}

Test(parse_mounts, shared_memory_is_known_by_its_mount_point)
{
	cr_assert_eq(find(mounts, 0, 27), MOUNT_SHM);
	cr_assert_eq(find(mounts, 0, 29), MOUNT_SHM);
	cr_assert_eq(find(mounts, 0, 30), MOUNT_OTHER);
	cr_assert_eq(find(mounts, 0, 31), MOUNT_OTHER, "the source is not the mount point");
}

static const char types[] = "21 1 254:0 / / rw,relatime - ext4 /dev/vda1 rw\n"
			    "22 21 0:40 / /home rw shared:1 master:2 - nfs4 server:/home rw\n"
			    "23 21 0:41 / /mnt rw - fuse.sshfs user@host: rw\n"
			    "24 21 7:1 / /mnt/ntfs rw - fuseblk /dev/loop1 rw\n"
			    "25 21 0:42 / /merged rw - overlay overlay rw,lowerdir=/a,upperdir=/b\n"
			    "26 21 0:43 / /mine rw - overlay overlay rw,lowerdir=/a,userxattr\n"
			    "27 21 0:44 / /proc rw - proc proc rw\n"
			    "28 21 0:45 / /cut rw";

Test(parse_mounts, file_systems_with_servers_are_not_local)
{
	cr_assert(is_local(types, 254, 0));
	cr_assert_not(is_local(types, 0, 40));
	cr_assert_not(is_local(types, 0, 41));
	cr_assert_not(is_local(types, 7, 1), "a device, but with a server");
	cr_assert(is_local(types, 0, 42));
	cr_assert_not(is_local(types, 0, 43), "may lie on anything");
	cr_assert_not(is_local(types, 0, 45), "not known");
	cr_assert_not(is_local(types, 0, 99), "not mounted");
}

Test(parse_mounts, mounts_by_number)
{
	cr_assert(is_local_mount(types, 21));
	cr_assert_not(is_local_mount(types, 22));
	cr_assert_not(is_local_mount(types, UINT64_MAX));
}

Test(parse_mounts, whether_all_are_local)
{
	cr_assert_not(are_local(types));
	cr_assert(are_local("21 1 254:0 / / rw - ext4 /dev/vda1 rw\n"
			    "22 21 0:5 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"));
}

Test(parse_mounts, the_first_line_of_a_device_tells_whether_it_is_local)
{
	static const char twice[] = "31 1 0:50 / /a rw - fuse.x x rw\n"
				    "30 1 0:50 / /b rw - tmpfs x rw\n"
				    "31 1 0:51 / /c rw - tmpfs x rw\n";

	cr_assert_not(is_local(twice, 0, 50));
	cr_assert(is_local(twice, 0, 51));
	cr_assert_not(is_local_mount(twice, 31));
	cr_assert(is_local_mount(twice, 30));
}

Test(parse_mounts, no_mounts)
{
	cr_assert(are_local(""));
	cr_assert_not(is_local("", 0, 1));
	cr_assert_not(is_local_mount("", 1));
}
