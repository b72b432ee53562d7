/* SPDX-License-Identifier: MIT */
/*
 * Which files of another process are also the target's. The kernel shows each mapped file's device
 * and inode, which belong to one file as long as it is mapped. There are two exceptions: file
 * systems that number the files in each of their parts anew (btrfs, overlayfs), and System V
 * segments, which are numbered within an IPC namespace.
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
	uint32_t object;     /* index in the target's facts */
	uint64_t start, end; /* a mapping of it in the target */
	bool is_segment;     /* a System V segment */
	bool is_unique;	     /* its file system uses each inode number once */
};

struct identities {
	struct identity *items; /* sorted by inode and device */
	size_t n;
	int fd; /* the target's directory below its proc root */
	uint64_t ipc;
};

/* Collects the identities of all files that the target maps. Everything is copied: facts and proc may go. */
void identities_init(struct identities *identities, const struct proc *proc, const struct facts *facts);
void identities_done(struct identities *identities);

/*
 * Finds the identities with the device and inode of `object`, which is another process's; they are
 * adjacent, and *ret_first is the first. Returns how many there are: several if the target has the
 * file under several names; 0: the target does not have the file.
 */
size_t identities_find(const struct identities *identities, const struct object *object, size_t *ret_first);

/* Whether the file of `identity` is that of `object`, which is mapped at `m` by the process below `fd`. */
bool is_same_file(const struct identities *identities, const struct identity *identity, int fd,
		  const struct object *object, const struct mapping *m);
