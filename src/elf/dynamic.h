/* SPDX-License-Identifier: MIT */
/*
 * The dynamic section of an ELF file as the loader finds it, by program headers (PT_DYNAMIC): this
 * works even if section headers were stripped.
 *
 * Files are hostile: data that would lie outside the file is missing, and nothing is read twice.
 */
#pragma once

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A loaded segment, and its place in the file. */
struct load {
	uint64_t start, end; /* in memory */
	uint64_t offset, filesz;
	bool is_code;
};

struct dynamic {
	Elf *elf;
	struct load *loads; /* sorted by start */
	size_t n_loads;
	Elf_Data *entries; /* NULL: the file has none */
};

/* Release with dynamic_done(). */
void dynamic_init(struct dynamic *dynamic, Elf *elf);
void dynamic_done(struct dynamic *dynamic);

/* The value of the first entry with a tag (DT_…). */
bool dynamic_value(const struct dynamic *dynamic, int64_t tag, uint64_t *ret);

/* The segment that holds an address; NULL: none. */
const struct load *dynamic_load(const struct dynamic *dynamic, uint64_t addr);

/*
 * The file's contents for an address in memory, as data of a type: up to `max` bytes, or fewer if
 * the segment ends first. NULL: none.
 */
Elf_Data *dynamic_data(const struct dynamic *dynamic, uint64_t addr, uint64_t max, Elf_Type type);

/*
 * The number of dynamic symbols. No entry has it: it follows from the hash tables, or from where
 * the strings begin. 0: not known.
 */
size_t dynamic_count_symbols(const struct dynamic *dynamic);
