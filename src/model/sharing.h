/* SPDX-License-Identifier: MIT */
/*
 * Which other processes map the same memory, and how much is left of the memory inherited with fork(2).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "model/answer.h"

/* What a process maps of one of the target's files. */
struct other_mapping {
	const uint32_t *objects; /* indexes into the target's facts.objects: one for each name; borrowed */
	size_t n_objects;
	uint64_t start, end; /* in the object, half-open */
	unsigned perms;	     /* PERM_* */
	/* If it is shared but not writable: whether mprotect(2) may make it writable; otherwise no. */
	enum answer may_write;
};

struct sharer { /* a process that maps something of the target, or the target itself */
	int pid;
	char *comm; /* any bytes; NULL: not known */
	size_t comm_len;
};

struct region_user {
	uint32_t process;      /* index into sharing.processes */
	bool writes;	       /* the mapping is shared and writable: all see what it writes */
	enum answer may_write; /* a shared mapping is not writable, but may be made so */
};

struct shared_region {
	uint32_t region;
	struct region_user *users; /* by PID, including the target; owned */
	size_t n_users, cap_users;
	bool has_unknown_users; /* pages are shared with unknown processes; there are no users */
	/*
	 * Private pages, in bytes, compared with those of the processes in `fork`: in the same frame;
	 * in another frame; without a page there. UNKNOWN: frames are not known, or there are no such
	 * processes.
	 */
	uint64_t inherited, unshared, fresh;
};

struct fork {
	size_t n_relatives; /* processes from the same fork(2), with no execve(2) since; 0: none */
	int parent;	    /* whose pages are compared; 0: those of all relatives */
	bool has_frames;    /* the frames of pages could be read */
};

struct sharing {
	struct sharer *processes; /* in any order */
	size_t n_processes, cap_processes;
	struct shared_region *regions; /* by address: those with users or compared pages */
	size_t n_regions, cap_regions;
	struct fork fork;
	bool is_missing; /* nothing is known of other processes */
};

void sharing_done(struct sharing *sharing);
