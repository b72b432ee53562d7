/* SPDX-License-Identifier: MIT */
/*
 * Who has made code that comes from no file. Code generators keep track of what they make: variables of their module, or
 * blocks of the heap, point there. And what they make calls them back, so that addresses of their module are in it; or
 * it is a library that keeps track, as of compiled patterns, which call nobody. What was slipped into a process by a
 * hole in it has none of this.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check/checker.h"

#define NO_MAKER UINT32_MAX
#define MAKERS_MAX 4 /* that are considered: one generates code that calls others back */

/* Memory that code may be generated in; the first two members are its range. */
struct generated {
	uint64_t start, end;
	uint32_t region;   /* the first of it, where it may be run */
	uint64_t contents; /* where it is written: its start, or that of the file's other mapping */
	bool has_contents;
	/* Modules that addresses in it are of, those with the most first; the rest is NO_MAKER. */
	uint32_t referred[MAKERS_MAX];
	uint32_t keeper; /* a library whose variables point there, or NO_MAKER */
	bool is_in_heap; /* blocks of the heap point there */
	uint32_t maker;	 /* who has generated what is in it, or NO_MAKER */
};

/* Fills in what is known of ranges, sorted and disjoint. False: the memory of the target cannot be read. */
bool find_makers(struct checker *checker, struct generated *ranges, size_t n);
