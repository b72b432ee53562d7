/* SPDX-License-Identifier: MIT */
/*
 * The figures that the kernel gives for each mapping in /proc/PID/smaps, and those that are
 * sums of them (proc(5), show_smap() in the kernel's fs/proc/task_mmu.c).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum figure {
	/* the kernel's */
	FIGURE_KERNELPAGESIZE,
	FIGURE_MMUPAGESIZE,
	FIGURE_KERNEL_RSS, /* leaves out hugetlb pages: shown as part of FIGURE_RSS alone */
	FIGURE_PSS,
	FIGURE_PSS_DIRTY,
	FIGURE_SHARED_CLEAN,
	FIGURE_SHARED_DIRTY,
	FIGURE_PRIVATE_CLEAN,
	FIGURE_PRIVATE_DIRTY,
	FIGURE_REFERENCED,
	FIGURE_ANONYMOUS,
	FIGURE_KSM,
	FIGURE_LAZYFREE,
	FIGURE_ANONHUGEPAGES,
	FIGURE_SHMEMPMDMAPPED,
	FIGURE_FILEPMDMAPPED,
	FIGURE_SHARED_HUGETLB,
	FIGURE_PRIVATE_HUGETLB,
	FIGURE_SWAP,
	FIGURE_SWAPPSS,
	FIGURE_LOCKED,
	FIGURE_THPELIGIBLE,
	FIGURE_PROTECTIONKEY,
	N_KERNEL_FIGURES,

	/* derived: sums, see figures[].parts */
	FIGURE_RSS = N_KERNEL_FIGURES,
	FIGURE_USS,
	FIGURE_DIRTY,
	FIGURE_SHARED,
	FIGURE_HUGE,
	FIGURE_HUGETLB,
	N_FIGURES,
};

/* How a mapping's figure is divided among its regions. */
enum share {
	SHARE_PROPERTY, /* not at all: each region has the mapping's */
	SHARE_RESIDENT, /* by resident pages */
	SHARE_SWAPPED,	/* by swapped pages */
};

#define FIGURE_BIT(figure) (UINT64_C(1) << (figure))

struct figure_info {
	const char *key;  /* in smaps; NULL: derived */
	const char *name; /* in JSON; NULL: not shown by itself */
	enum share share;
	bool is_count;	/* a bare number, not a size */
	uint64_t parts; /* of derived ones: FIGURE_BIT()s */
};

extern const struct figure_info figures[N_FIGURES];

/* The kernel's figures that are needed to have all of `wanted` (FIGURE_BIT()s). */
uint64_t figure_sources(uint64_t wanted);

/* The figure of that smaps key (not NUL-terminated), or N_KERNEL_FIGURES. */
enum figure figure_find(const char *key, size_t len);
