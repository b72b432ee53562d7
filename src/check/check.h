/* SPDX-License-Identifier: MIT */
/*
 * Checks: what matters to the security of an address space, judged by what is mapped now and not
 * only by what file headers ask for. One table of checks feeds --check, --help=checks and SARIF;
 * codes are part of the interface and keep their meaning once released.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "model/finding.h"
#include "model/space.h"
#include "source/source.h"

enum check_id {
	CHECK_WRITABLE_CODE,
	CHECK_JIT_MEMORY,
	CHECK_EXECUTABLE_STACK,
	CHECK_EXECUTABLE_HEAP,
	CHECK_TEXT_WRITTEN,
	CHECK_BREAKPOINTS,
	CHECK_TEXT_RELOCATIONS,
	CHECK_RELRO_WRITABLE,
	CHECK_NO_RELRO,
	CHECK_LAZY_BINDING,
	CHECK_NO_PIE,
	CHECK_MEMFD_CODE,
	CHECK_DELETED_CODE,
	CHECK_OUTDATED_CODE,
	CHECK_WRITABLE_FILE,
	CHECK_FOREIGN_FILE,
	CHECK_NO_STACK_GUARD,
	CHECK_STACK_NEARLY_FULL,
	CHECK_MAPPINGS_NEAR_LIMIT,
	CHECK_SEALED,
	CHECK_SHADOW_STACK,
	CHECK_BRANCH_MARKS,
	N_CHECKS,
};

#define CHECK_ALL ((UINT64_C(1) << N_CHECKS) - 1)

struct checker;

struct check_info {
	const char *code;
	enum severity severity; /* of most of its findings; some are less severe */
	const char *title;	/* what it finds, in a line */
	const char *cure;
	void (*run)(struct checker *checker); /* other checks may have the same function */
};

extern const struct check_info checks[N_CHECKS];

/* The check with that code (not NUL-terminated), or N_CHECKS. */
enum check_id check_find(const char *code, size_t len);

/*
 * Runs the checks of `wanted`, bits 1 << CHECK_…; fills answers->findings, and notes what could not
 * be examined.
 */
void check_space(struct source *source, const struct space *space, uint64_t wanted, struct answers *answers);
