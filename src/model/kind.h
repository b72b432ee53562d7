/* SPDX-License-Identifier: MIT */
/*
 * The kinds of memory, and how a kind is known. Both are part of the interface: names keep their
 * meaning once released.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum kind {
	KIND_TEXT,
	KIND_RODATA,
	KIND_RELRO,
	KIND_DATA,
	KIND_BSS,
	N_MODULE_KINDS, /* those above are parts of ELF modules */
	KIND_HEAP = N_MODULE_KINDS,
	KIND_STACK,
	KIND_GUARD,
	KIND_ANON,
	KIND_JIT,
	KIND_SHM,
	KIND_FILE,
	KIND_DEVICE,
	KIND_VDSO,
	KIND_RESERVED,
	N_KINDS,
};

struct kind_info {
	const char *name;
	size_t name_len;
	const char *colour; /* an ANSI colour for terminals, or NULL */
	const char *help;   /* one line, as in --help and the man page */
};

extern const struct kind_info kinds[N_KINDS];

/* The kind with this name (not NUL-terminated), in upper or lower case; or N_KINDS. */
enum kind kind_find(const char *name, size_t len);

enum basis {
	BASIS_SEGMENT, /* ELF program headers */
	BASIS_SECTION, /* ELF section headers, if a segment holds both code and constants */
	BASIS_NAME,    /* a name from the kernel, or one that was set through it */
	BASIS_THREAD,  /* a thread's control block, or data of its C library */
	BASIS_MALLOC,  /* the header of a malloc block at its start */
	BASIS_PATTERN, /* the shape of a mapping and of its neighbours */
	BASIS_PERMS,   /* the mapping's line in maps: access rights, and whether it has a file */
	N_BASES,
};

extern const char *const basis_names[N_BASES];
