/* SPDX-License-Identifier: MIT */
/*
 * What to find out about an address space. Columns and views say what they need, and nothing else is
 * read.
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
	NEED_LIMITS = 1 << 4,	      /* the limits that the process may run into */
	NEED_TOTALS = 1 << 5,	      /* the kernel's own sums, to compare with */
	NEED_PAGES = 1 << 6,	      /* the state of each page of the regions shown */
	NEED_VDSO = 1 << 7,	      /* the ELF image that the kernel maps into the process */
	NEED_SECTIONS = 1 << 8,	      /* names and places of all sections */
	NEED_CUTS = 1 << 9,	      /* regions that end where sections do */
	NEED_LOOKUPS = 1 << 10,	      /* what is at the queried addresses */
	NEED_FRAMES = 1 << 11,	      /* the active calls of a thread */
	NEED_BUILD_ID = 1 << 12,      /* even if only sections have it */
	NEED_ARENA_USERS = 1 << 13,   /* which threads use which arena, from variables of each thread */
	NEED_HEAP = 1 << 14,	      /* what malloc's heap holds */
	NEED_SIZES_BY_KIND = 1 << 15, /* for each of many processes */
	NEED_CGROUP = 1 << 16,	      /* likewise */
	NEED_CORE_SIZE = 1 << 17,     /* of a core that it would leave; only if smaps is read */
	NEED_SHARING = 1 << 18,	      /* which other processes map the same memory */
	NEED_BLOCKS = 1 << 19,	      /* blocks of the heap by class and size */
	NEED_CHECKS = 1 << 20,	      /* findings, and what they are based on */
	NEED_LEAKS = 1 << 21,	      /* blocks of the heap that nothing leads to */
	NEED_LARGE_BLOCKS = 1 << 22,  /* which mappings begin with a malloc block */
};

/* Which regions to show. */
struct selection {
	unsigned kinds; /* bits 1 << KIND_…; 0: all */
	bool has_range;
	uint64_t low, high;	    /* regions with any address from low to high, inclusive */
	unsigned perms, perms_mask; /* what PERM_* bits must be, and which bits are compared */
	const char *name;	    /* a pattern for fnmatch(3), or NULL */
};

static inline bool selection_is_narrowed(const struct selection *selection)
{
	return selection->kinds || selection->has_range || selection->perms_mask || selection->name;
}

/* The parts of a target in JSON that not every view has. */
enum json_part {
	JSON_REGIONS = 1 << 0,
	JSON_MODULES = 1 << 1,
	JSON_THREADS = 1 << 2,
	JSON_TOTALS = 1 << 3, /* by kind, and by name */
	JSON_ALL = JSON_REGIONS | JSON_MODULES | JSON_THREADS | JSON_TOTALS,
};

struct request {
	unsigned needs;	      /* NEED_* */
	uint64_t counters;    /* COUNTER_BIT()s */
	bool must_read_smaps; /* even for counters that the page map usually has */
	bool all_counters;    /* all of smaps, even those that this version does not know, and VmFlags */
	struct selection selection; /* for NEED_PAGES */
	const char *const *queries; /* for NEED_LOOKUPS, borrowed */
	size_t n_queries;
	int32_t tid;	     /* for NEED_FRAMES */
	uint64_t checks;     /* for NEED_CHECKS: bits 1 << CHECK_… */
	bool wants_contents; /* for NEED_LOOKUPS: the first bytes of blocks */
	bool wants_debuginfod;
	bool stops; /* all threads of a process are stopped while it is read */
	/* The view is about threads; only then is it worth a note that a file has none. */
	bool wants_threads;
	unsigned parts; /* JSON_*: what is shown; only a snapshot may lack some of it */
};

/*
 * If only resident and swapped memory are asked for, they come from the page map, at less than half the
 * cost of smaps. Otherwise all counters come from smaps, which then also replaces maps.
 */
enum reading { READ_MAPS, READ_PAGES, READ_SMAPS };

enum reading request_reading(const struct request *request);
