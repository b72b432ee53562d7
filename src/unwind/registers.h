/* SPDX-License-Identifier: MIT */
/*
 * The registers of a stopped thread, under the numbers that DWARF gives them on its machine.
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

/* `machine`: EM_*. 0; -ENOTSUP: a machine that is not known here; or another negative errno. */
int read_registers(int32_t tid, unsigned machine, struct registers *ret);
