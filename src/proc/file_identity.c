/* SPDX-License-Identifier: MIT */
#include "proc/file_identity.h"

#include <linux/ioctl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "elf/read_image.h"
#include "proc/memory.h"
#include "proc/read_file.h"

/* PROCMAP_QUERY, since Linux 6.11 (include/uapi/linux/fs.h): newer than the headers we build with. */
struct procmap_query {
	uint64_t size, query_flags, query_addr;
	uint64_t vma_start, vma_end, vma_flags, vma_page_size, vma_offset, inode;
	uint32_t dev_major, dev_minor;
	uint32_t vma_name_size, build_id_size;
	uint64_t vma_name_addr, build_id_addr;
};

#define PROCMAP_QUERY _IOWR('f', 17, struct procmap_query)

bool file_has_identity(const struct object *object, const struct stat *st)
{
	return st->st_ino == object->inode && major(st->st_dev) == object->major &&
	       minor(st->st_dev) == object->minor;
}

/* The build-id of a mapped file, from the kernel; its length, or 0. */
static size_t mapped_build_id(const struct proc *proc, const struct mapping *mapping,
			      unsigned char ret[BUILD_ID_MAX])
{
	_cleanup_close_ int fd = proc_open_file(proc->mm_fd, "maps");
	struct procmap_query query = {
		.size = sizeof(query),
		.query_addr = mapping->start,
		.build_id_size = BUILD_ID_MAX,
		.build_id_addr = (uintptr_t)ret,
	};

	if (fd < 0 || ioctl(fd, PROCMAP_QUERY, &query) != 0)
		return 0;
	return query.build_id_size;
}

bool object_is_mapped(int maps_fd, const struct mapping *mapping, const struct object *object)
{
	struct procmap_query query = { .size = sizeof(query), .query_addr = mapping->start };

	return ioctl(maps_fd, PROCMAP_QUERY, &query) == 0 && query.vma_start == mapping->start &&
	       query.vma_offset == mapping->offset && query.inode == object->inode &&
	       query.dev_major == object->major && query.dev_minor == object->minor;
}

static bool has_same_first_page(struct proc *proc, const struct mapping *mapping, int fd)
{
	char its[4096] = { 0 };
	char mapped[sizeof(its)];
	ssize_t n = pread(fd, its, sizeof(its), 0);

	/* ELF files only: two data files can begin alike. */
	return mapping->offset == 0 && n > 64 && memcmp(its, "\177ELF", 4) == 0 &&
	       proc_read_memory(proc, mapping->start, mapped, sizeof(mapped)) == sizeof(mapped) &&
	       memcmp(its, mapped, sizeof(its)) == 0;
}

bool file_has_same_contents(struct proc *proc, const struct mapping *mapping, int fd)
{
	unsigned char its[BUILD_ID_MAX], mapped[BUILD_ID_MAX];
	size_t len = mapped_build_id(proc, mapping, mapped);

	/* Two builds may have the same first page, with the build-id behind it. */
	if (len > 0)
		return elf_image_build_id(fd, its) == (ssize_t)len && memcmp(its, mapped, len) == 0;
	return has_same_first_page(proc, mapping, fd);
}

bool file_may_be_two(const struct stat *st, int fd)
{
	struct statfs fs;

	return major(st->st_dev) == 0 && (fstatfs(fd, &fs) != 0 || fs.f_type == OVERLAYFS_SUPER_MAGIC);
}
