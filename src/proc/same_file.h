/* SPDX-License-Identifier: MIT */
/*
 * Which file of another process is one of the target's. The kernel gives each mapped file by device and inode, and
 * these are one file's as long as somebody maps it; except where a file system numbers files anew in each of its
 * parts (btrfs, overlayfs), and for System V segments, which have their number in an IPC namespace.
 */
#pragma once

#include <stddef.h>

#include "model/facts.h"
#include "proc/process.h"

struct identity {
	uint64_t inode;
	uint32_t major, minor;
	char *name; /* as the object's, but without DELETED_SUFFIX */
	size_t name_len;
	uint32_t object;     /* of the target's facts */
	uint64_t start, end; /* a mapping of it in the target */
	bool is_segment;     /* of System V */
	bool is_unique;	     /* its file system gives a number once */
};

struct identities {
	struct identity *items; /* sorted by inode and device */
	size_t n;
	int fd; /* the target's directory below its proc root */
	uint64_t ipc;
};

/* Those of all files that the target maps. They are copied: facts and proc may go. */
void identities_init(struct identities *identities, const struct proc *proc, const struct facts *facts);
void identities_done(struct identities *identities);

/*
 * The first one with the device and inode of `object`, which stands for a file of the process below `fd`, and how
 * many there are one after the other: the target knows a file by several names where it has several. 0: it has no
 * such file.
 */
size_t identities_find(const struct identities *identities, const struct object *object, size_t *ret_first);

/* Whether the file of `identity` is that of `object`, which the process below `fd` has mapped at `m`. */
bool is_same_file(const struct identities *identities, const struct identity *identity, int fd,
		  const struct object *object, const struct mapping *m);
