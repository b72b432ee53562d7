/* SPDX-License-Identifier: MIT */
/*
 * The registers of a thread, by their DWARF numbers on its machine.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define REGISTERS_MAX 33

struct registers {
	uint64_t values[REGISTERS_MAX]; /* by number */
	unsigned n;
	unsigned sp; /* the stack pointer's number */
	uint64_t pc;
	size_t word_size; /* 4 or 8 */
};

/*
 * From the registers as in PTRACE_GETREGSET and the notes of core files (NT_PRSTATUS). `machine`:
 * EM_*. 0; -ENOTSUP: the machine is not known here; -EBADMSG: too few bytes.
 */
int registers_from_status(const unsigned char *words, size_t len, unsigned machine, struct registers *ret);
