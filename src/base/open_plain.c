/* SPDX-License-Identifier: MIT */
#include "base/open_plain.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "base/util.h"

/* Newer than some headers, or in none (include/uapi/linux/magic.h, the file systems' sources). */
#define CONFIGFS_SUPER_MAGIC 0x62656570
#define FUSECTL_SUPER_MAGIC 0x65735543
#define GADGETFS_SUPER_MAGIC 0xaee71ee7
#define FUNCTIONFS_SUPER_MAGIC 0xa647361
#define MQUEUE_SUPER_MAGIC 0x19800202
#define APPARMOR_SUPER_MAGIC 0x5a3c69f0
#define NFSD_SUPER_MAGIC 0x6e667364
#define RPC_PIPEFS_SUPER_MAGIC 0x67596969
#define GUEST_MEMORY_MAGIC 0x474d454d

/*
 * File systems without real files: the kernel makes up the contents at the moment of reading.
 * Reading may consume them, as in /proc/kmsg, or trigger something. None of these has a block
 * device.
 */
static bool acts_when_read(int fd)
{
	static const long pretenders[] = {
		PROC_SUPER_MAGIC,
		SYSFS_MAGIC,
		TRACEFS_MAGIC,
		DEBUGFS_MAGIC,
		SECURITYFS_MAGIC,
		SELINUX_MAGIC,
		SMACK_MAGIC,
		APPARMOR_SUPER_MAGIC,
		CGROUP_SUPER_MAGIC,
		CGROUP2_SUPER_MAGIC,
		RDTGROUP_SUPER_MAGIC,
		BPF_FS_MAGIC,
		PSTOREFS_MAGIC,
		EFIVARFS_MAGIC,
		CONFIGFS_SUPER_MAGIC,
		FUSECTL_SUPER_MAGIC,
		XENFS_SUPER_MAGIC,
		BINFMTFS_MAGIC,
		BINDERFS_SUPER_MAGIC,
		DEVPTS_SUPER_MAGIC,
		GADGETFS_SUPER_MAGIC,
		MQUEUE_SUPER_MAGIC,
		FUNCTIONFS_SUPER_MAGIC,
		NSFS_MAGIC,
		OPENPROM_SUPER_MAGIC,
		PIPEFS_MAGIC,
		USBDEVICE_SUPER_MAGIC,
		NFSD_SUPER_MAGIC,
		RPC_PIPEFS_SUPER_MAGIC,
		DMA_BUF_MAGIC,
		GUEST_MEMORY_MAGIC,
		SECRETMEM_MAGIC,
		ANON_INODE_FS_MAGIC,
		SOCKFS_MAGIC,
		AUTOFS_SUPER_MAGIC,
	};
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(pretenders); i++)
		if ((uint32_t)fs.f_type == (uint32_t)pretenders[i])
			return true;
	return false;
}

static int reopen(int path_fd)
{
	char self[64];
	int fd;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", path_fd);
	fd = open(self, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

int open_plain(int path_fd, const struct stat *st)
{
	if (!S_ISREG(st->st_mode) || (major(st->st_dev) == 0 && acts_when_read(path_fd)))
		return -ENXIO;
	return reopen(path_fd);
}

int stat_cached(int path_fd, struct stat *ret)
{
	struct statx st;

	if (statx(path_fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		  STATX_TYPE | STATX_MODE | STATX_INO | STATX_NLINK | STATX_UID | STATX_MTIME, &st) != 0)
		return -errno;
	*ret = (struct stat){
		.st_dev = makedev(st.stx_dev_major, st.stx_dev_minor),
		.st_rdev = makedev(st.stx_rdev_major, st.stx_rdev_minor),
		.st_ino = st.stx_ino,
		.st_mode = st.stx_mode,
		.st_nlink = st.stx_nlink,
		.st_uid = st.stx_uid,
		.st_mtim.tv_sec = st.stx_mtime.tv_sec,
	};
	return 0;
}
