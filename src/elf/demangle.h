/* SPDX-License-Identifier: MIT */
/*
 * Names of C++ and Rust, as compilers encode them for the linker, turned back into what the
 * programmer wrote. By libiberty, the demangler of gdb and c++filt; without it no name is known.
 */
#pragma once

#include <stdbool.h>

/* Whether this build can. */
bool can_demangle(void);

/*
 * The readable form of a symbol's name; the caller frees it. NULL: it is no mangled name, or one
 * that is too deep or too long. A version ("@@GLIBCXX_3.4") stays at its end.
 */
char *demangle(const char *name);
