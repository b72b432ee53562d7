/* SPDX-License-Identifier: MIT */
/*
 * What an ELF file asks its loader for, as far as it matters to an attacker of the program: by program headers
 * and the dynamic section, so that it is there where section headers were taken away.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* How the file wants the stack to be (PT_GNU_STACK). */
enum stack_wish {
	STACK_NO_WISH, /* it has no such header */
	STACK_PLAIN,
	STACK_EXECUTABLE,
};

/* Of GNU_PROPERTY_X86_FEATURE_1_AND and its like for AArch64: all code of the file bears it. */
enum {
	MARK_BRANCHES = 1 << 0,	    /* IBT, BTI: calls and jumps by pointer end at marked places */
	MARK_SHADOW_STACK = 1 << 1, /* SHSTK, GCS */
};

struct traits {
	bool is_known;	  /* the rest is */
	unsigned machine; /* EM_* */
	bool is_fixed;	  /* ET_EXEC: it is at home at one address */
	bool is_dynamic, is_program;
	bool has_loader; /* PT_INTERP */
	bool has_relro, has_relocations, has_text_relocations;
	bool has_lazy_calls; /* through a table of addresses that nothing asks to fill at the start, */
	uint64_t calls;	     /* and the first address in it, as linked */
	enum stack_wish stack;
	unsigned marks; /* MARK_* */
};

/* 0, or a negative errno: the file cannot be read, or is no ELF file. */
int elf_traits_read(int fd, struct traits *ret);
