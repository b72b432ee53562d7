/* SPDX-License-Identifier: MIT */
/*
 * What checks work with, and how they report what they find. For the files in check/.
 */
#pragma once

#include "check/check.h"
#include "check/evidence.h"

struct checker {
	struct source *source;
	const struct space *space;
	struct evidence evidence;
	uint64_t wanted; /* bits of the checks that were asked for */
	struct findings *findings;
};

/*
 * Adds a finding, one sentence, if its check was asked for. `region`: an index or NO_REGION;
 * `object`: the index of the file that it is about, or 0.
 */
void report(struct checker *checker, enum check_id id, uint32_t region, uint32_t object, const char *fmt, ...)
	_printf_(5, 6);

/*
 * Likewise for a finding that is less severe than most of its check, or has another cure. `cure`: a
 * constant, or NULL for the check's own.
 */
void report_other(struct checker *checker, enum check_id id, enum severity severity, const char *cure,
		  uint32_t region, uint32_t object, const char *fmt, ...) _printf_(7, 8);

/* Reports that code runs from a memfd. `region`: one where it is executable. */
void report_memfd(struct checker *checker, uint32_t object, uint32_t region);

/* Only for modules: other code in a memfd may be generated, which check_code_memory() finds out. */
void check_memfd_modules(struct checker *checker);

/* The name of a file for a sentence, safe to print; "?" if it has none. The caller frees it. */
char *name_of_object(const struct checker *checker, uint32_t object);

static inline uint32_t region_index(const struct checker *checker, const struct region *region)
{
	return (uint32_t)(region - checker->space->judgement.regions);
}

static inline const struct mapping *region_mapping(const struct checker *checker, const struct region *region)
{
	return &checker->space->facts.mappings[region->mapping];
}

/* The index of the object behind a region's mapping. */
static inline uint32_t region_object(const struct checker *checker, const struct region *region)
{
	return region_mapping(checker, region)->object;
}

static inline bool may_be_run(const struct checker *checker, const struct region *region)
{
	return region_mapping(checker, region)->perms & PERM_X && region->kind != KIND_VDSO;
}

static inline bool is_writable_code(const struct checker *checker, const struct region *region)
{
	return may_be_run(checker, region) && region_mapping(checker, region)->perms & PERM_W;
}

/* The checks, by file. */
void check_code_memory(struct checker *checker);
void check_executable_stack(struct checker *checker);
void check_executable_heap(struct checker *checker);
void check_text_written(struct checker *checker);
void check_text_relocations(struct checker *checker);
void check_relro_writable(struct checker *checker);
void check_no_relro(struct checker *checker);
void check_lazy_binding(struct checker *checker);
void check_no_pie(struct checker *checker);
void check_deleted_code(struct checker *checker);
void check_outdated_code(struct checker *checker);
void check_writable_file(struct checker *checker);
void check_foreign_file(struct checker *checker);
void check_no_stack_guard(struct checker *checker);
void check_stack_nearly_full(struct checker *checker);
void check_mappings_near_limit(struct checker *checker);
void check_sealed(struct checker *checker);
void check_shadow_stack(struct checker *checker);
void check_branch_marks(struct checker *checker);
