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

Test(parse_mounts, a_device_that_is_not_mounted_is_the_kernels_own)
{
	cr_assert_eq(parse_mounts(mounts, 0, 1), MOUNT_NONE);
	cr_assert_eq(parse_mounts(mounts, 0, 2), MOUNT_NONE);
	cr_assert_eq(parse_mounts("", 0, 5), MOUNT_NONE);
}

Test(parse_mounts, file_systems)
{
	cr_assert_eq(parse_mounts(mounts, 254, 0), MOUNT_OTHER);
	cr_assert_eq(parse_mounts(mounts, 0, 28), MOUNT_OTHER);
}

Test(parse_mounts, shared_memory_is_known_by_its_mount_point)
{
	cr_assert_eq(parse_mounts(mounts, 0, 27), MOUNT_SHM);
	cr_assert_eq(parse_mounts(mounts, 0, 29), MOUNT_SHM);
	cr_assert_eq(parse_mounts(mounts, 0, 30), MOUNT_OTHER);
	cr_assert_eq(parse_mounts(mounts, 0, 31), MOUNT_OTHER, "the source is not the mount point");
}
