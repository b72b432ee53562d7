/* SPDX-License-Identifier: MIT */
#include "analysis/core_size.h"

#include <string.h>

/* Bits of coredump_filter. */
enum {
	DUMP_ANON_PRIVATE = 1 << 0,
	DUMP_ANON_SHARED = 1 << 1,
	DUMP_FILE_PRIVATE = 1 << 2,
	DUMP_FILE_SHARED = 1 << 3,
	DUMP_ELF_HEADERS = 1 << 4,
	DUMP_HUGETLB_PRIVATE = 1 << 5,
	DUMP_HUGETLB_SHARED = 1 << 6,
};

/* The kernel's own mappings ("[vdso]") are always dumped: without them a stack could not be unwound. */
static bool is_always_dumped(const struct object *object)
{
	return object->type == OBJECT_PSEUDO && !is_pseudo_path(object, "[heap]") &&
	       !is_pseudo_path(object, "[stack]") && !memmem(object->name, object->name_len, ":", 1);
}

/* Whether a private mapping has pages of its own, in memory or swapped out. */
static bool was_written(const struct usage *usage, size_t mapping)
{
	const uint64_t *row = usage_row(usage, mapping);
	uint64_t swap = usage_counter(usage, row, COUNTER_SWAP);

	return usage_counter(usage, row, COUNTER_ANONYMOUS) > 0 || (swap != UNKNOWN && swap > 0);
}

/* The filter bits for a mapping: if any of them is set, the kernel dumps all of it. */
static unsigned bits_of(const struct facts *facts, size_t i)
{
	const struct object *object = mapping_object(facts, &facts->mappings[i]);
	/*
	 * A shared mapping of a file opened read-only has 's' in maps, but no "sh" flag: nothing
	 * can write to it.
	 */
	bool is_shared = usage_has_flag(&facts->usage, i, "sh");
	unsigned bits = 0;

	if (usage_has_flag(&facts->usage, i, "ht"))
		return is_shared ? DUMP_HUGETLB_SHARED : DUMP_HUGETLB_PRIVATE;
	if (usage_has_flag(&facts->usage, i, "io"))
		return 0;
	if (is_shared)
		return object->is_unlinked ? DUMP_ANON_SHARED : DUMP_FILE_SHARED;
	if (was_written(&facts->usage, i))
		bits |= DUMP_ANON_PRIVATE;
	if (has_file(object))
		bits |= DUMP_FILE_PRIVATE;
	return bits;
}

static uint64_t header_size(const struct facts *facts, const struct object *object)
{
	if (object->has_elf_page == ANSWER_UNKNOWN)
		return UNKNOWN;
	return object->has_elf_page == ANSWER_YES ? facts->page_size : 0;
}

/* In bytes, or UNKNOWN. */
static uint64_t dumped_size(const struct facts *facts, size_t i)
{
	const struct mapping *m = &facts->mappings[i];
	unsigned filter = (unsigned)facts->process.dump_filter;
	unsigned bits = bits_of(facts, i);

	if (is_always_dumped(mapping_object(facts, m)))
		return m->end - m->start;
	if (usage_has_flag(&facts->usage, i, "dd"))
		return 0;
	if (filter & bits)
		return m->end - m->start;
	/* For debuggers to see what was mapped. */
	if (filter & DUMP_ELF_HEADERS && bits & DUMP_FILE_PRIVATE && m->offset == 0 && m->perms & PERM_R)
		return header_size(facts, mapping_object(facts, m));
	return 0;
}

static bool has_counters(const struct usage *usage)
{
	for (size_t i = 0; i < usage->n_rows; i++)
		if (usage_counter(usage, usage_row(usage, i), COUNTER_ANONYMOUS) == UNKNOWN)
			return false;
	return usage->n_rows > 0;
}

uint64_t forecast_core_size(const struct facts *facts)
{
	uint64_t sum = 0;

	if (facts->process.dump_filter == UNKNOWN || facts->usage.n_flags == 0 ||
	    !has_counters(&facts->usage))
		return UNKNOWN;
	for (size_t i = 0; i < facts->n_mappings; i++) {
		uint64_t size = dumped_size(facts, i);

		if (size == UNKNOWN)
			return UNKNOWN;
		sum += size;
	}
	return sum;
}
