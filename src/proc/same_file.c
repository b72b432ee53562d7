/* SPDX-License-Identifier: MIT */
#include "proc/same_file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/open_plain.h"

#define SEGMENT_PREFIX "/SYSV"

/* Compares what tells files apart before any is opened. */
static int compare(const struct identity *identity, uint64_t inode, uint32_t major, uint32_t minor)
{
	if (identity->inode != inode)
		return identity->inode < inode ? -1 : 1;
	if (identity->minor != minor)
		return identity->minor < minor ? -1 : 1;
	return (identity->major > major) - (identity->major < major);
}

static int compare_items(const void *a, const void *b)
{
	const struct identity *y = b;

	return compare(a, y->inode, y->major, y->minor);
}

static bool has_prefix(const struct object *object, const char *prefix)
{
	size_t len = strlen(prefix);

	return object->name_len >= len && memcmp(object->name, prefix, len) == 0;
}

/* The length of the object's name, without the suffix that the kernel adds once it is deleted. */
static size_t path_len(const struct object *object)
{
	static const size_t len = sizeof(DELETED_SUFFIX) - 1;

	if (object->name_len > len && memcmp(object->name + object->name_len - len, DELETED_SUFFIX, len) == 0)
		return object->name_len - len;
	return object->name_len;
}

/*
 * A device may have separate memory for each time it is opened, and all nameless inodes
 * ("anon_inode:") have the same number.
 */
static bool has_identity(const struct object *object)
{
	return has_file(object) && object->name && !has_prefix(object, "anon_inode:") &&
	       (object->type == OBJECT_FILE || object->type == OBJECT_SHM || object->type == OBJECT_KERNEL);
}

/* Opens a mapped file by its link in map_files. An O_PATH descriptor, or -1. */
static int open_mapped_path(int fd, uint64_t start, uint64_t end)
{
	char name[64];

	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, start, end);
	return openat(fd, name, O_PATH | O_CLOEXEC);
}

/* The IPC namespace of a process; 0: not known, as in a recorded tree. */
static uint64_t find_ipc(int fd)
{
	struct stat st;

	return fstatat(fd, "ns/ipc", &st, 0) == 0 ? st.st_ino : 0;
}

void identities_init(struct identities *identities, const struct proc *proc, const struct facts *facts)
{
	*identities = (struct identities){
		.items = mem_array(facts->n_objects, sizeof(struct identity)),
		.fd = fcntl(proc->mm_fd, F_DUPFD_CLOEXEC, 0),
		.ipc = find_ipc(proc->mm_fd),
	};
	for (size_t i = 0; i < facts->n_objects; i++) {
		const struct object *object = facts->objects[i];
		bool is_mapped = object->first < facts->n_mappings;

		if (!is_mapped || !has_identity(object))
			continue;
		identities->items[identities->n++] = (struct identity){
			.inode = object->inode,
			.major = object->major,
			.minor = object->minor,
			.name = mem_copy(object->name, path_len(object)),
			.name_len = path_len(object),
			.object = object->index,
			.start = facts->mappings[object->first].start,
			.end = facts->mappings[object->first].end,
			.is_segment = has_prefix(object, SEGMENT_PREFIX) && object->type == OBJECT_KERNEL,
			.is_unique = object->major != 0 || object->type == OBJECT_SHM,
		};
	}
	mem_sort(identities->items, identities->n, sizeof(*identities->items), compare_items);
}

void identities_done(struct identities *identities)
{
	for (size_t i = 0; i < identities->n; i++)
		free(identities->items[i].name);
	free(identities->items);
	if (identities->fd >= 0)
		close(identities->fd);
	*identities = (struct identities){ .fd = -1 };
}

size_t identities_find(const struct identities *identities, const struct object *object, size_t *ret_first)
{
	size_t low = 0;
	size_t high = identities->n;
	size_t end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&identities->items[middle], object->inode, object->major, object->minor) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < identities->n; end++)
		if (compare(&identities->items[end], object->inode, object->major, object->minor) != 0)
			break;
	*ret_first = low;
	return end - low;
}

static bool has_same_stat(const struct identities *identities, const struct identity *identity, int fd,
			  const struct mapping *m)
{
	_cleanup_close_ int own = open_mapped_path(identities->fd, identity->start, identity->end);
	_cleanup_close_ int other = own < 0 ? -1 : open_mapped_path(fd, m->start, m->end);
	struct stat a, b;

	return other >= 0 && stat_cached(own, &a) == 0 && stat_cached(other, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool is_same_file(const struct identities *identities, const struct identity *identity, int fd,
		  const struct object *object, const struct mapping *m)
{
	size_t len = path_len(object);

	if (object->name && len == identity->name_len && memcmp(object->name, identity->name, len) == 0)
		return !identity->is_segment || find_ipc(fd) == identities->ipc;
	if (identity->is_segment)
		return false;
	return identity->is_unique || has_same_stat(identities, identity, fd, m);
}
