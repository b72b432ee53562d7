/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/mem.h"
#include "base/util.h"
#include "fuzz.h"
#include "proc/parse_mounts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = mem_copy(data, size);

	struct mounts mounts;

	parse_mounts(&mounts, text);
	for (uint32_t minor = 0; minor < 64; minor++) {
		enum mount mount = mounts_find(&mounts, 0, minor);

		require(mount == MOUNT_NONE || mount == MOUNT_SHM || mount == MOUNT_OTHER);
		require(mount != MOUNT_SHM || strstr(text, "/dev/shm "));
	}
	mounts_done(&mounts);
	return 0;
}
