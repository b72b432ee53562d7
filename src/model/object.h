/* SPDX-License-Identifier: MIT */
/*
 * What mappings are of: files, and what the kernel gives a name to. An object knows what it is called, what became of
 * its file, and its ELF image.
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
	OBJECT_PSEUDO, /* "[heap]" and its like: the kernel's word, no file behind it */
	OBJECT_KERNEL, /* a file that only the kernel makes: memfd, SysV, "anon_inode:…", "socket:…" */
	OBJECT_SHM,    /* a file on the file system that is mounted on /dev/shm */
	OBJECT_DEVICE, /* a character or block device */
	OBJECT_ZERO,   /* /dev/zero: mapped privately, anonymous memory */
	OBJECT_FILE,   /* any other file */
};

/* Where an object's ELF headers were looked for, and what was found. */
enum headers {
	HEADERS_NONE, /* not looked for: nothing asks for them */
	HEADERS_FILE,
	HEADERS_MEMORY, /* the file is not available; its first page is in memory, without sections */
	HEADERS_NOT_ELF,
	HEADERS_DAMAGED, /* an ELF file that no loader takes, or one that was overwritten */
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

/* What the kernel adds to the name of a file that was unlinked; others may end in it as well. */
#define DELETED_SUFFIX " (deleted)"

/* The length of a name without that. */
size_t undeleted_len(const char *name, size_t len) _pure_;

/* One mapped thing: a file, known by device, inode and path; or a label; or nothing at all. */
struct object {
	uint32_t major, minor;
	uint64_t inode;
	char *name; /* as the kernel gives it, any bytes; NULL when nameless */
	size_t name_len;
	bool is_plain; /* text_is_plain() holds for the name */
	enum object_type type;
	enum file_state state;
	enum headers headers;
	/* Of an ELF file inside another file, as a library in an archive: where it lies; 0: it is all of the file. */
	uint64_t part_offset, part_size;
	struct image *image; /* NULL unless headers is HEADERS_FILE or HEADERS_MEMORY */
	size_t n_private;    /* private mappings of it, */
	bool is_executable;  /* and whether one of them is executable */
	uint32_t index;	     /* of itself in facts.objects */
	uint32_t first;	     /* its first mapping, or NO_MAPPING after a map was read anew */
	/* What a core would have of it, for NEED_CORE_SIZE. */
	bool is_unlinked;	  /* no directory has the file */
	enum answer has_elf_page; /* it is taken for an ELF file, by its mode or first bytes */
};

/* One that no mapping is of yet, with a copy of a key's device, inode and name; to be freed by object_free(). */
struct object *object_new(const struct object *key);
void object_free(struct object *object);

/* An order of all objects, by device, inode and name; as tsearch(3) wants it. */
int object_compare(const void *a, const void *b);

/* The path of a file that was unlinked, without DELETED_SUFFIX; NULL where it has none. The caller frees it. */
char *unlinked_path(const struct object *object);

/*
 * The names of files that only the kernel makes. A user's file can have such a name as well,
 * but not on a file system that is not mounted anywhere. The object has a name.
 */
bool is_kernel_name(const struct object *object) _pure_;

/* Whether an object is what the kernel calls `name`, as "[vdso]". */
bool is_pseudo_path(const struct object *object, const char *name) _pure_;

/* The kernel's own code in the process: the only object that has an ELF image, but no file. */
static inline bool is_vdso(const struct object *object)
{
	return is_pseudo_path(object, "[vdso]");
}

/*
 * Whether it has a device and inode, be it of the kernel's own making. A file may have inode 0, as
 * the first System V segment of an IPC namespace does; no file is on device 0:0.
 */
static inline bool has_file(const struct object *object)
{
	return object->inode != 0 || object->major != 0 || object->minor != 0;
}

/* Whether the bytes of its mappings have a place in a file: a core file names files only by their paths. */
static inline bool has_offset(const struct object *object)
{
	return has_file(object) || (object->name && object->name[0] == '/');
}

/* Whether its pages may be swapped out unseen: shared memory, memfd, tmpfs, which is on no device of its own. */
static inline bool may_hide_swap(const struct object *object)
{
	return object->type == OBJECT_SHM || object->type == OBJECT_KERNEL ||
	       (object->type == OBJECT_FILE && object->major == 0 && has_file(object) &&
		!object->is_executable);
}

/* The last component of its path, or all of a name that is none; not NUL-terminated. NULL: it has no name. */
const char *object_base_name(const struct object *object, size_t *ret_len);
