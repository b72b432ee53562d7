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
	bool is_segment;     /* a System V segment */
	bool is_unique;	     /* its file system uses each inode number once */
	uint64_t dev, ino;   /* of stat(2), if inode numbers are not unique; 0: not known */
	uint32_t first, end; /* the items that are the same file */
};

struct identities {
	struct identity *items; /* sorted: those that are the same file are adjacent */
	uint32_t *objects;	/* by item: its index in the target's facts */
	uint32_t *by_name;	/* items, sorted by inode, device and name */
	size_t n;
	uint64_t ipc;
};

/* Collects the identities of all files that the target maps. Everything is copied: facts and proc may go. */
void identities_init(struct identities *identities, const struct proc *proc, const struct facts *facts);
void identities_done(struct identities *identities);

/*
 * Finds the target's objects that are the same file as `object`, which the process below `fd` maps at
 * `m`. Returns how many there are: several if the target has the file under several names.
 */
size_t find_same_file(const struct identities *identities, const struct object *object, int fd,
		      const struct mapping *m, const uint32_t **ret_objects);
