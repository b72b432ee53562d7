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

/* ---- order ---- */

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Compares what tells files apart before any is opened. */
static int compare_inodes(const struct identity *a, const struct identity *b)
{
	if (a->inode != b->inode)
		return compare_numbers(a->inode, b->inode);
	if (a->minor != b->minor)
		return compare_numbers(a->minor, b->minor);
	return compare_numbers(a->major, b->major);
}

static int compare_names(const struct identity *a, const struct identity *b)
{
	if (a->name_len != b->name_len)
		return compare_numbers(a->name_len, b->name_len);
	return a->name_len > 0 ? memcmp(a->name, b->name, a->name_len) : 0;
}

static int compare_items_by_inode(const void *a, const void *b)
{
	return compare_inodes(a, b);
}

static int compare_stat(const struct identity *a, const struct identity *b)
{
	int r = compare_inodes(a, b);

	if (r != 0)
		return r;
	if (a->is_segment != b->is_segment)
		return compare_numbers(a->is_segment, b->is_segment);
	return a->dev != b->dev ? compare_numbers(a->dev, b->dev) : compare_numbers(a->ino, b->ino);
}

/* 0: they are the same file. */
static int compare_files(const void *a, const void *b)
{
	const struct identity *x = a;
	const struct identity *y = b;
	int r = compare_stat(x, y);

	return r != 0 || x->is_unique || x->dev != 0 ? r : compare_names(x, y);
}

static int compare_by_name(const void *a, const void *b, void *context)
{
	const struct identity *items = context;
	const struct identity *x = &items[*(const uint32_t *)a];
	const struct identity *y = &items[*(const uint32_t *)b];
	int r = compare_inodes(x, y);

	return r != 0 ? r : compare_names(x, y);
}

typedef int compare_fn(const struct identity *a, const struct identity *b);

/* ---- the target's ---- */

static struct identity describe(const struct object *object)
{
	bool is_segment = has_prefix(object, SEGMENT_PREFIX) && object->type == OBJECT_KERNEL;

	return (struct identity){
		.inode = object->inode,
		.major = object->major,
		.minor = object->minor,
		.name = object->name,
		.name_len = path_len(object),
		.is_segment = is_segment,
		.is_unique = !is_segment && (object->major != 0 || object->type == OBJECT_SHM),
	};
}

static void collect(struct identities *identities, const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_objects; i++) {
		const struct object *object = facts->objects[i];
		struct identity *item = &identities->items[identities->n];

		if (object->first >= facts->n_mappings || !has_identity(object))
			continue;
		*item = describe(object);
		item->name = mem_copy(item->name, item->name_len);
		item->first = object->index;
		identities->n++;
	}
}

static void read_stat(struct identity *item, int fd, const struct mapping *m)
{
	_cleanup_close_ int file = open_mapped_path(fd, m->start, m->end);
	struct stat st;

	if (file < 0 || stat_cached(file, &st) != 0)
		return;
	item->dev = st.st_dev;
	item->ino = st.st_ino;
}

/* Until they are sorted, each item's `first` is its object. */
static void tell_apart(struct identities *identities, int fd, const struct facts *facts)
{
	struct identity *items = identities->items;
	size_t n;

	mem_sort(items, identities->n, sizeof(*items), compare_items_by_inode);
	for (size_t i = 0; i < identities->n; i += n) {
		bool is_unique = false;

		for (n = 0; i + n < identities->n && compare_inodes(&items[i], &items[i + n]) == 0; n++)
			is_unique |= items[i + n].is_unique;
		/* They are in one file system. */
		for (size_t k = i; k < i + n; k++) {
			items[k].is_unique = is_unique && !items[k].is_segment;
			if (!is_unique && !items[k].is_segment)
				read_stat(&items[k], fd,
					  &facts->mappings[facts->objects[items[k].first]->first]);
		}
	}
	mem_sort(items, identities->n, sizeof(*items), compare_files);
}

static void number(struct identities *identities)
{
	struct identity *items = identities->items;
	uint32_t n;

	for (uint32_t i = 0; i < identities->n; i += n) {
		for (n = 0; i + n < identities->n && compare_files(&items[i], &items[i + n]) == 0; n++)
			;
		for (uint32_t k = i; k < i + n; k++) {
			identities->objects[k] = items[k].first;
			identities->by_name[k] = k;
			items[k].first = i;
			items[k].end = i + n;
		}
	}
	if (identities->n > 0)
		qsort_r(identities->by_name, identities->n, sizeof(*identities->by_name), compare_by_name,
			items);
}

void identities_init(struct identities *identities, const struct proc *proc, const struct facts *facts)
{
	*identities = (struct identities){
		.items = mem_array(facts->n_objects, sizeof(struct identity)),
		.objects = mem_array(facts->n_objects, sizeof(uint32_t)),
		.by_name = mem_array(facts->n_objects, sizeof(uint32_t)),
		.ipc = find_ipc(proc->mm_fd),
	};
	collect(identities, facts);
	tell_apart(identities, proc->mm_fd, facts);
	number(identities);
}

void identities_done(struct identities *identities)
{
	for (size_t i = 0; i < identities->n; i++)
		free(identities->items[i].name);
	free(identities->items);
	free(identities->objects);
	free(identities->by_name);
	*identities = (struct identities){ 0 };
}

/* ---- another process's ---- */

/* NULL: no item has this inode and name. */
static const struct identity *find_name(const struct identities *identities, const struct identity *key)
{
	size_t low = 0;
	size_t high = identities->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct identity *item = &identities->items[identities->by_name[middle]];
		int r = compare_inodes(item, key);

		if (r == 0)
			r = compare_names(item, key);
		if (r == 0)
			return item;
		if (r < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The first item that compares equal; NULL: there is none. */
static const struct identity *find_item(const struct identities *identities, const struct identity *key,
					compare_fn *compare)
{
	size_t low = 0;
	size_t high = identities->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&identities->items[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < identities->n && compare(&identities->items[low], key) == 0 ? &identities->items[low] :
										   NULL;
}

/* The same file under another name, which a segment cannot have. */
static const struct identity *find_renamed(const struct identities *identities, struct identity *key, int fd,
					   const struct mapping *m)
{
	const struct identity *item = find_item(identities, key, compare_inodes);

	if (!item || item->is_unique)
		return item;
	if (!item->is_segment)
		read_stat(key, fd, m);
	return key->dev ? find_item(identities, key, compare_stat) : NULL;
}

size_t find_same_file(const struct identities *identities, const struct object *object, int fd,
		      const struct mapping *m, const uint32_t **ret_objects)
{
	struct identity key = describe(object);
	const struct identity *item = find_name(identities, &key);

	if (item && item->is_segment && find_ipc(fd) != identities->ipc)
		return 0;
	if (!item)
		item = find_renamed(identities, &key, fd, m);
	if (!item)
		return 0;
	*ret_objects = &identities->objects[item->first];
	return item->end - item->first;
}
