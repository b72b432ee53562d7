/* SPDX-License-Identifier: MIT */
/*
 * What an ELF file asks its loader for, as far as it matters for security. Read from program
 * headers and the dynamic section, so that it works even if section headers were stripped.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Whether the file wants an executable stack (PT_GNU_STACK). */
enum stack_wish {
	STACK_NO_WISH, /* it has no such header */
	STACK_PLAIN,
	STACK_EXECUTABLE,
};

/*
 * From GNU_PROPERTY_X86_FEATURE_1_AND or its counterpart for AArch64: set if all code of the file
 * has the mark.
 */
enum {
	MARK_BRANCHES = 1 << 0,	    /* IBT, BTI: indirect calls and jumps must land at marked places */
	MARK_SHADOW_STACK = 1 << 1, /* SHSTK, GCS */
};

struct traits {
	bool is_known;	  /* the other members are valid */
	unsigned machine; /* EM_* */
	bool is_fixed;	  /* ET_EXEC: it can only be loaded at one address */
	bool is_dynamic, is_program;
	bool has_loader; /* PT_INTERP */
	bool has_relro, has_relocations, has_text_relocations;
	bool has_lazy_calls; /* through a table that nothing asks to fill at the start, */
	uint64_t calls;	     /* and where its first entry is, as linked */
	enum stack_wish stack;
	unsigned marks; /* MARK_* */
};

/* 0, or a negative errno: the file cannot be read, or is not an ELF file. */
int elf_traits_read(int fd, struct traits *ret);
