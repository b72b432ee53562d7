/* SPDX-License-Identifier: MIT */
/*
 * The signals by which a process leaves a core file (signal(7)), as most machines number them.
 * MIPS, SPARC, Alpha and PA-RISC number some of them differently: their names are not known there.
 */
#pragma once

#include <stdbool.h>

/* Whether this signal ends a process and leaves a core file. `machine`: EM_*. */
bool core_signal_ends(unsigned machine, int number);

/* "SIGSEGV" and so on; NULL: not known. */
const char *core_signal_name(unsigned machine, int number);

/*
 * Whether an instruction of the thread caused the signal, at or to an address that the kernel
 * knows. `code`: its si_code.
 */
bool core_signal_has_address(unsigned machine, int number, int code);

/* Whether a process, this one or another, sent the signal by kill(2) or the like. */
bool core_signal_is_sent(unsigned machine, int code);
