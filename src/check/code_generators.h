/* SPDX-License-Identifier: MIT */
/*
 * Finds the module that has generated (JIT) code that comes from no file. Code generators keep
 * track of what they generate: variables of their module, or blocks of the heap, point there.
 * Generated code calls back, so it contains addresses of the module; or a library keeps track of
 * code that calls nothing, such as compiled patterns. Code that an attacker has injected into a
 * process has none of this.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check/checker.h"

#define NO_GENERATOR UINT32_MAX
#define GENERATORS_MAX 4 /* modules to consider: the code of one may call others back */

/* Memory that may hold generated code; the first two members are its range. */
struct generated {
	uint64_t start, end;
	uint32_t region; /* its first region, where it may be executed */
	/* Where its file is mapped a second time, to be written to; or NULL. */
	const struct mapping *writable;
	bool has_contents;
	bool is_unread; /* there may be more contents, which could not be read */
	/* Modules whose addresses are in it, those with the most first; the rest is NO_GENERATOR. */
	uint32_t referred[GENERATORS_MAX];
	uint32_t keeper;       /* a library whose variables point there, or NO_GENERATOR */
	bool is_partly_sought; /* not all variables and blocks were searched for what points there */
	bool is_in_heap;       /* blocks of the heap point there */
	uint32_t generator;    /* the module that has generated the code, or NO_GENERATOR */
};

/*
 * Fills in what is known about ranges, sorted and disjoint. False: the memory of the target cannot
 * be read.
 */
bool find_generators(struct checker *checker, struct generated *ranges, size_t n);
