/* SPDX-License-Identifier: MIT */
/*
 * What somebody wants to know of an address space. Columns and views say what they need; nothing else
 * is read.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/counter.h"

enum need {
	NEED_COUNTER = 1 << 0,	      /* column.counter, of each mapping */
	NEED_FLAGS = 1 << 1,	      /* VmFlags */
	NEED_FILE_STATE = 1 << 2,     /* what has become of each file */
	NEED_THREADS = 1 << 3,	      /* of each thread: name, state, use of its stack */
	NEED_LIMITS = 1 << 4,	      /* what the process may come up against */
	NEED_TOTALS = 1 << 5,	      /* the kernel's own sums, to compare with */
	NEED_PAGES = 1 << 6,	      /* the state of each page of what is shown */
	NEED_VDSO = 1 << 7,	      /* the ELF image that the kernel maps into the process */
	NEED_SECTIONS = 1 << 8,	      /* names and places of all sections */
	NEED_CUTS = 1 << 9,	      /* regions that end where sections do */
	NEED_LOOKUPS = 1 << 10,	      /* what is at addresses that were asked about */
	NEED_FRAMES = 1 << 11,	      /* the calls that a thread is in the middle of */
	NEED_BUILD_ID = 1 << 12,      /* also where only sections have it */
	NEED_ARENA_USERS = 1 << 13,   /* who uses which arena, from variables of each thread */
	NEED_HEAP = 1 << 14,	      /* what malloc's heap holds */
	NEED_SIZES_BY_KIND = 1 << 15, /* of each of many processes */
	NEED_CGROUP = 1 << 16,	      /* likewise */
	NEED_CORE_SIZE = 1 << 17,     /* of a core that it would leave; where smaps is read, which it takes */
	NEED_SHARING = 1 << 18,	      /* who else maps what is mapped */
	NEED_BLOCKS = 1 << 19,	      /* blocks of the heap by class and size */
	NEED_CHECKS = 1 << 20,	      /* findings, and what they are made of */
	NEED_LEAKS = 1 << 21,	      /* blocks of the heap that nothing leads to */
	NEED_LARGE_BLOCKS = 1 << 22,  /* which mappings begin with a block of malloc */
};

/* Which regions somebody wants to see. */
struct selection {
	unsigned kinds; /* bits 1 << KIND_…; 0: all */
	bool has_range;
	uint64_t low, high;	    /* regions that hold any address from low to high, both inside */
	unsigned perms, perms_mask; /* PERM_* bits that are looked at, and what they must be */
	const char *name;	    /* a pattern for fnmatch(3), or NULL */
};

static inline bool selection_is_narrowed(const struct selection *selection)
{
	return selection->kinds || selection->has_range || selection->perms_mask || selection->name;
}

/* What JSON has of a target beside what there is with every view. */
enum json_part {
	JSON_REGIONS = 1 << 0,
	JSON_MODULES = 1 << 1,
	JSON_THREADS = 1 << 2,
	JSON_TOTALS = 1 << 3, /* by kind, and by name */
	JSON_ALL = JSON_REGIONS | JSON_MODULES | JSON_THREADS | JSON_TOTALS,
};

struct request {
	unsigned needs;		    /* NEED_* */
	uint64_t counters;	    /* COUNTER_BIT()s */
	bool must_read_smaps;	    /* also for counters that a page map mostly has */
	bool all_counters;	    /* also those of smaps that this version does not know, and VmFlags */
	struct selection selection; /* of NEED_PAGES */
	const char *const *queries; /* of NEED_LOOKUPS, borrowed */
	size_t n_queries;
	int32_t tid;	     /* of NEED_FRAMES */
	uint64_t checks;     /* of NEED_CHECKS: bits 1 << CHECK_… */
	bool wants_contents; /* of NEED_LOOKUPS: the first bytes of blocks */
	bool wants_debuginfod;
	bool stops; /* all threads of a process stand still while it is read */
	/* The view is about threads; otherwise it is no news that a file has none. */
	bool wants_threads;
	unsigned parts; /* JSON_*: what is shown; only a record may lack one of them */
};

/*
 * Resident and swapped memory without anything else come from the page map, at less than half the cost of
 * smaps; everything else from smaps, which then is the map as well.
 */
enum reading { READ_MAPS, READ_PAGES, READ_SMAPS };

enum reading request_reading(const struct request *request);
