/* SPDX-License-Identifier: MIT */
/*
 * The signals by which a process leaves a core file (signal(7)), as most machines number them. MIPS, SPARC,
 * Alpha and PA-RISC have numbers of their own for some: there names are not known.
 */
#pragma once

#include <stdbool.h>

/* Whether a process ends by this signal and leaves a core file. `machine`: EM_*. */
bool core_signal_ends(unsigned machine, int number);

/* "SIGSEGV" and its like; NULL: not known. */
const char *core_signal_name(unsigned machine, int number);

/*
 * Whether the signal came from an instruction of the thread's, at or to an address that the kernel knows. `code`:
 * its si_code.
 */
bool core_signal_has_address(unsigned machine, int number, int code);

/* Whether a process sent it, itself or another one, by kill(2) or its like. */
bool core_signal_is_sent(unsigned machine, int code);
