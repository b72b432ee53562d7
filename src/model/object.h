/* SPDX-License-Identifier: MIT */
/*
 * Objects are what is mapped: files, and memory that the kernel gives a name. An object has a name, the
 * state of its file, and its ELF image.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "model/answer.h"
#include "model/image.h"

enum object_type {
	OBJECT_NONE,   /* no file and no name: anonymous memory */
	OBJECT_PSEUDO, /* a name in brackets from the kernel, such as "[heap]": no file */
	OBJECT_KERNEL, /* a file that only the kernel makes: memfd, SysV, "anon_inode:…", "socket:…" */
	OBJECT_SHM,    /* a file on the file system that is mounted on /dev/shm */
	OBJECT_DEVICE, /* a character or block device */
	OBJECT_ZERO,   /* /dev/zero: a private mapping of it is anonymous memory */
	OBJECT_FILE,   /* any other file */
};

/* Where an object's ELF headers were looked for, and what was found. */
enum headers {
	HEADERS_NONE, /* not looked for: nothing needs them */
	HEADERS_FILE,
	HEADERS_MEMORY, /* the file is not available: read from its first page in memory, without sections */
	HEADERS_NOT_ELF,
	HEADERS_DAMAGED, /* an ELF file that no loader accepts, or one that was overwritten */
	HEADERS_UNREADABLE,
};

enum file_state {
	FILE_NONE, /* no file, or its state is not known */
	FILE_OK,
	FILE_DELETED,
	FILE_REPLACED, /* its path now leads to another file */
	FILE_MEMFD,
	FILE_UNREADABLE,
	N_FILE_STATES,
};

extern const char *const file_state_names[N_FILE_STATES]; /* NULL for FILE_NONE */

/* The kernel adds this to the name of a file that was unlinked; other names may end in it as well. */
#define DELETED_SUFFIX " (deleted)"

/* The length of a name without DELETED_SUFFIX. */
size_t undeleted_len(const char *name, size_t len) _pure_;

/* One mapped thing: a file, identified by device, inode and path; or a label; or nothing at all. */
struct object {
	uint32_t major, minor;
	uint64_t inode;
	char *name; /* as the kernel gives it, any bytes; NULL: nameless */
	size_t name_len;
	bool is_plain; /* text_is_plain() holds for the name */
	enum object_type type;
	enum file_state state;
	enum headers headers;
	/* The place of an ELF file inside another file, such as an archive; 0: it is the whole file. */
	uint64_t part_offset, part_size;
	struct image *image; /* NULL unless headers is HEADERS_FILE or HEADERS_MEMORY */
	size_t n_private;    /* private mappings of it */
	bool is_executable;  /* one of its private mappings is executable */
	uint32_t index;	     /* in facts.objects */
	uint32_t first;	     /* its first mapping; NO_MAPPING: none, as after the map was read again */
	/* What decides how much of it a core would contain, for NEED_CORE_SIZE. */
	bool is_unlinked;	  /* no directory has the file */
	enum answer has_elf_page; /* the kernel takes it for an ELF file, by its mode or first bytes */
};

/* An object without mappings, with a copy of a key's device, inode and name. Free it with object_free(). */
struct object *object_new(const struct object *key);
void object_free(struct object *object);

/* Orders objects by device, inode and name, for tsearch(3). */
int object_compare(const void *a, const void *b);

/* The path of an unlinked file, without DELETED_SUFFIX; NULL if the name lacks it. The caller frees it. */
char *unlinked_path(const struct object *object);

/*
 * Whether the name is one of a file that only the kernel makes. A user's file can have such a name
 * as well, but not on a file system that is not mounted anywhere. The object must have a name.
 */
bool is_kernel_name(const struct object *object) _pure_;

/* Whether an object is what the kernel calls `name`, such as "[vdso]". */
bool is_pseudo_path(const struct object *object, const char *name) _pure_;

/* The kernel's code in the process: the only object with an ELF image but no file. */
static inline bool is_vdso(const struct object *object)
{
	return is_pseudo_path(object, "[vdso]");
}

/*
 * Whether it has a device and inode, even those of a file that the kernel made. A file may have inode 0,
 * as the first System V segment of an IPC namespace does; no file is on device 0:0.
 */
static inline bool has_file(const struct object *object)
{
	return object->inode != 0 || object->major != 0 || object->minor != 0;
}

/* Whether its mappings have an offset in a file. A core file identifies files only by their paths. */
static inline bool has_offset(const struct object *object)
{
	return has_file(object) || (object->name && object->name[0] == '/');
}

/* Whether its pages may be swapped out unseen: shared memory, memfd, tmpfs (which has no real device). */
static inline bool may_hide_swap(const struct object *object)
{
	return object->type == OBJECT_SHM || object->type == OBJECT_KERNEL ||
	       (object->type == OBJECT_FILE && object->major == 0 && has_file(object) &&
		!object->is_executable);
}

/* The last component of its path, or all of a name that is not a path; not NUL-terminated. NULL: no name. */
const char *object_base_name(const struct object *object, size_t *ret_len);
