/* SPDX-License-Identifier: MIT */
/*
 * Who has made code that comes from no file: a code generator keeps track of the memory that it generates code in, so
 * that variables of its module point into it. What was slipped into a process by a hole in it has nobody who does.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check/checker.h"

/* Memory that code may be generated in; the first two members are its range. */
struct generated {
	uint64_t start, end;
	uint32_t region;   /* the first of it, where it may be run */
	uint64_t contents; /* where it is written: its start, or that of the file's other mapping */
	bool has_contents;
	uint32_t maker;	   /* the module with the most pointers into it, or NO_MAKER */
	uint64_t pointers; /* that it has */
};

#define NO_MAKER UINT32_MAX

/* Fills in what is known of ranges, sorted and disjoint. False: the memory of the target cannot be read. */
bool find_makers(struct checker *checker, struct generated *ranges, size_t n);
