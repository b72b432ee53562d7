/* SPDX-License-Identifier: MIT */
/*
 * The symbols of an ELF file (elf(5)): what its linker called the places in it. They come from
 * .symtab or, where that was stripped, or most of it, from .dynsym, which the loader knows where
 * there are no section headers, and .gnu_debugdata, a compressed ELF file with the functions of a
 * .symtab.
 *
 * Addresses are as linked, before the bias; of a function, that of its code. Only what has an address is a symbol
 * here: undefined and absolute ones are not, nor thread-local ones, whose value is an offset in each thread's
 * block, nor sections, files, and the marks ($a, $d, $x) that tell disassemblers code from data.
 *
 * Files are hostile: what contradicts itself is left out, and a table may be short or empty.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of preference. */
enum symbol_binding {
	SYMBOL_LOCAL,
	SYMBOL_WEAK,
	SYMBOL_GLOBAL,
};

enum symbol_type {
	SYMBOL_UNTYPED, /* mostly labels in assembly, and places that the linker defines */
	SYMBOL_DATA,
	SYMBOL_FUNCTION, /* also one that chooses a function when it is first called (ifunc) */
};

struct symbol {
	uint64_t value;	     /* where it begins */
	uint64_t size;	     /* as the file says; 0: it does not say */
	uint64_t end;	     /* of what it covers, [value, end): nothing when equal */
	const char *name;    /* without its version; any bytes, never empty; lives as long as the table */
	const char *version; /* NULL: none */
	uint32_t outer;	     /* the nearest one before it that ends behind it, or NO_SYMBOL */
	uint8_t binding, type;
	bool is_old; /* not what the name alone means: another one has it, or will have it */
};

#define NO_SYMBOL UINT32_MAX
#define SYMBOL_SOURCES 3 /* .symtab, .dynsym, .gnu_debugdata */

/* Ten times what the largest programs have: a few bytes may be made of any number. */
#define DEBUGDATA_SIZE_MAX ((size_t)64 << 20)

struct symbols {
	struct symbol *items; /* sorted by value; among equals the preferred one is the last */
	size_t n;
	size_t cap;
	bool is_full;		     /* not only of what other modules may use */
	char *names[SYMBOL_SOURCES]; /* the file's string tables, which all names are in */
	size_t n_names;
	int debugdata_error; /* 0, or why .gnu_debugdata is not in it, as of xz_decode() */
};

/*
 * From a file, read by pread(): the position of `fd` does not matter and is not kept. 0; -ENOEXEC: it is no ELF
 * executable or shared object; or another negative errno: it could not be read. Free with symbols_free().
 */
int symbols_read(int fd, struct symbols **ret);

/*
 * The same of a file whose .symtab has all symbols; -ENODATA: it has not. `main_fd`: the file that
 * it is a debug file of, or -1.
 */
int symbols_read_full(int fd, int main_fd, struct symbols **ret);

/* The same, but only what the file exports: there every versioned symbol has its version, as in .symtab it may not. */
int symbols_read_dynamic(int fd, struct symbols **ret);

/* From a whole file in memory, as the kernel maps the vdso. */
int symbols_parse(const void *bytes, size_t len, struct symbols **ret);

void symbols_free(struct symbols *table); /* which may be NULL */

/*
 * What an address belongs to; NULL: nothing. Of symbols within others it is the innermost. One
 * without a size reaches to the next symbol, the end of its section, or the end of the sized one
 * that it is in, and gives way to that; code of a table that is not full has its first byte only,
 * as others may follow that the table has not. Among several names of one place those with a size come
 * first, then those that are not local, then those of a default version, then the fewest leading
 * underscores, then the stronger binding, then the shortest.
 */
const struct symbol *symbols_at(const struct symbols *table, uint64_t addr);

/*
 * The symbol of a name, with or without a version ("name@VERSION", or with @@ of the default one);
 * NULL: none. Among several it is one that is not local, then that of the default version, then of
 * the strongest binding, then one with a type, then the first.
 */
const struct symbol *symbols_named(const struct symbols *table, const char *name);
