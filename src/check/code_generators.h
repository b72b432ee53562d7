/* SPDX-License-Identifier: MIT */
/*
 * Which module has generated (JIT) code that comes from no file. Code generators keep track of what they generate:
 * variables of their module, or blocks of the heap, point there. Generated code calls back, so that addresses of the
 * module are in it; or a library keeps track of code that calls nobody, as of compiled patterns. Code that an attacker
 * has slipped into a process has none of this.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check/checker.h"

#define NO_GENERATOR UINT32_MAX
#define GENERATORS_MAX 4 /* that are considered: one generates code that calls others back */

/* Memory that code may be generated in; the first two members are its range. */
struct generated {
	uint64_t start, end;
	uint32_t region; /* the first of it, where it may be run */
	/* Where its file is written to, if that is mapped a second time; or NULL. */
	const struct mapping *writable;
	bool has_contents;
	bool is_unread; /* there may be contents that could not be read */
	/* Modules that addresses in it are of, those with the most first; the rest is NO_GENERATOR. */
	uint32_t referred[GENERATORS_MAX];
	uint32_t keeper;    /* a library whose variables point there, or NO_GENERATOR */
	bool is_in_heap;    /* blocks of the heap point there */
	uint32_t generator; /* the module that has generated what is in it, or NO_GENERATOR */
};

/* Fills in what is known of ranges, sorted and disjoint. False: the memory of the target cannot be read. */
bool find_generators(struct checker *checker, struct generated *ranges, size_t n);
