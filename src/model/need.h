/* SPDX-License-Identifier: MIT */
/*
 * What has to be read beyond the map itself. Columns and views say what they need; nothing else
 * is read.
 */
#pragma once

enum need {
	NEED_FIGURE = 1 << 0,	    /* column.figure, of each mapping */
	NEED_FLAGS = 1 << 1,	    /* VmFlags */
	NEED_FILE_STATE = 1 << 2,   /* what has become of each file */
	NEED_THREADS = 1 << 3,	    /* of each thread: name, state, use of its stack */
	NEED_LIMITS = 1 << 4,	    /* what the process may come up against */
	NEED_TOTALS = 1 << 5,	    /* the kernel's own sums, to compare with */
	NEED_PAGES = 1 << 6,	    /* the state of each page of what is shown */
	NEED_VDSO = 1 << 7,	    /* the ELF image that the kernel maps into the process */
	NEED_SECTIONS = 1 << 8,	    /* names and places of all sections */
	NEED_CUTS = 1 << 9,	    /* regions that end where sections do */
	NEED_PLACES = 1 << 10,	    /* what is at addresses that were asked about */
	NEED_FRAMES = 1 << 11,	    /* the calls that a thread is in the middle of */
	NEED_BUILD_ID = 1 << 12,    /* also where only sections tell it */
	NEED_ARENA_USERS = 1 << 13, /* who uses which arena, from variables of each thread */
};
