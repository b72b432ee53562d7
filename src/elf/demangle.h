/* SPDX-License-Identifier: MIT */
/*
 * Turns C++ and Rust names, as compilers encode them for the linker, back into what the programmer
 * wrote. Uses libiberty, the demangler of gdb and c++filt; without it, no name can be demangled.
 */
#pragma once

#include <stdbool.h>

/* Whether this build can. */
bool can_demangle(void);

/*
 * The readable form of a symbol's name; the caller frees it. NULL: it is not a mangled name, or one
 * that is too deep, too long or takes too much time. A version ("@@GLIBCXX_3.4") stays at its end.
 */
char *demangle(const char *name);
