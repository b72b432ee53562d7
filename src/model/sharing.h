/* SPDX-License-Identifier: MIT */
/*
 * Who else maps what a process maps, and what is left of the memory that it inherited with fork(2).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "model/answer.h"

/* What a process maps of an object of the target's. */
struct other_mapping {
	uint32_t object;     /* an index of the target's facts.objects */
	uint64_t start, end; /* in the object, half-open */
	unsigned perms;	     /* PERM_* */
	/* Where it is shared and read-only: whether mprotect(2) may make it writable; else no. */
	enum answer may_write;
};

struct sharer { /* a process that maps something of the target, or the target itself */
	int pid;
	char *comm; /* any bytes; NULL: not known */
	size_t comm_len;
};

struct region_user {
	uint32_t process;      /* an index of sharing.processes */
	bool writes;	       /* what it writes, all see: the mapping is shared and writable */
	enum answer may_write; /* it does not, but may change that: it has opened the file for writing */
};

struct shared_region {
	uint32_t region;
	struct region_user *users; /* by PID, the target is one; owned */
	size_t n_users, cap_users;
	bool has_unknown_users; /* pages are shared, but it is not known with whom; there are no users */
	/*
	 * Private pages, in bytes, against those of the processes that `fork` is about: in the same frame; in another frame;
	 * where they have none. UNKNOWN where frames are not known, or there are no such processes.
	 */
	uint64_t inherited, unshared, fresh;
};

struct fork {
	size_t n_relatives; /* processes of the same fork(2), that have run no other program since; 0: none */
	int parent;	    /* the one that pages are compared with; 0: with all of them */
	bool has_frames;    /* which page is in which frame could be read */
};

struct sharing {
	struct sharer *processes; /* in any order */
	size_t n_processes, cap_processes;
	struct shared_region *regions; /* by address: those with users or inherited pages */
	size_t n_regions, cap_regions;
	struct fork fork;
	bool is_missing; /* nothing is known of other processes */
};

void sharing_done(struct sharing *sharing);
