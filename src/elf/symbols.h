/* SPDX-License-Identifier: MIT */
/*
 * The symbols of an ELF file (elf(5)): the names that its linker gave to places in it. They come
 * from .symtab or, if all or most of that was stripped, from .dynsym, which program headers lead to
 * if there are no section headers, and from .gnu_debugdata, a compressed ELF file with the
 * functions of a .symtab.
 *
 * Addresses are as linked, before the bias; a function has the address of its code. Only names of
 * addresses are symbols here: not undefined and absolute ones, nor thread-local ones, whose value
 * is an offset in each thread's block, nor sections, files, and the marks ($a, $d, $x) that tell
 * disassemblers code from data.
 *
 * Files are hostile: entries that contradict themselves are left out, and a table may be short or
 * empty.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In order of preference, the best last. */
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
	uint64_t size;	     /* from the file; 0: not known */
	uint64_t end;	     /* it covers [value, end): nothing if these are equal */
	const char *name;    /* without its version; any bytes, never empty; lives as long as the table */
	const char *version; /* NULL: none */
	uint32_t outer;	     /* the nearest symbol before it that ends after it, or NO_SYMBOL */
	uint8_t binding, type;
	bool is_old; /* the name without a version does not refer to this symbol */
};

#define NO_SYMBOL UINT32_MAX
#define SYMBOL_SOURCES 3 /* .symtab, .dynsym, .gnu_debugdata */

/* Ten times what the largest programs have: a few compressed bytes may expand to any number. */
#define DEBUGDATA_SIZE_MAX ((size_t)64 << 20)
#define DEBUGDATA_TOTAL_MAX ((size_t)256 << 20) /* of all files of a process: thousands of libraries */

struct symbols {
	struct symbol *items; /* sorted by value; among equals the preferred one comes last */
	size_t n;
	size_t cap;
	bool is_full;		     /* it has all symbols, not only those for other modules */
	char *names[SYMBOL_SOURCES]; /* the string tables that hold all names */
	size_t n_names;
	bool has_unread_names; /* symbols whose names are too long, one or all, are left out */
	int debugdata_error;   /* 0, or the error of xz_decode() that kept .gnu_debugdata out */
	size_t debugdata_size; /* how many bytes of it were decompressed */
};

/*
 * From a file, wherever the position of `fd` is; it may change. 0; -ENOEXEC: it is not an ELF
 * executable or shared object; or another negative errno: it could not be read. Free with
 * symbols_free(). `debugdata_max`: how many bytes of .gnu_debugdata to decompress.
 */
int symbols_read(int fd, size_t debugdata_max, struct symbols **ret);

/*
 * Likewise from a file whose .symtab has all symbols; -ENODATA: it does not. `main_fd`: the file
 * that it is a debug file of, or -1.
 */
int symbols_read_full(int fd, int main_fd, struct symbols **ret);

/*
 * Likewise, but only what the file exports: there, unlike in .symtab, every versioned symbol has
 * its version.
 */
int symbols_read_dynamic(int fd, struct symbols **ret);

/* From a whole file in memory, such as the vdso. */
int symbols_parse(const void *bytes, size_t len, struct symbols **ret);

void symbols_free(struct symbols *table); /* may be NULL */

/*
 * The symbol that an address belongs to; NULL: none. Of nested symbols, it is the innermost. A
 * symbol without a size reaches to the next symbol or the end of its section, but covers nothing
 * inside a symbol with a size. If a table is not full, code without a size has its first byte only,
 * as functions may follow that the table lacks. Among several names of one place those with a size
 * come first, then those that are not local, then those of a default version, then the fewest
 * leading underscores, then the stronger binding, then the shortest.
 */
const struct symbol *symbols_at(const struct symbols *table, uint64_t addr);

/*
 * The symbol with a name, with or without a version ("name@VERSION", or with @@ for the default
 * one); NULL: none. Among several, one that is not local comes first, then the one of the default
 * version, then the strongest binding, then one with a type, then the first.
 */
const struct symbol *symbols_named(const struct symbols *table, const char *name);
