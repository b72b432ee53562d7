/* SPDX-License-Identifier: MIT */
/* Symbols of C++ and Rust by the names that the programmer gave them. */
#pragma once

#include "elf/symbols.h"

/*
 * The symbol with this readable name, with or without what demangle() adds behind it: parameters, "[abi:cxx11]". NULL:
 * none. Among several, as of overloaded functions, it is the first that is not local, else the first.
 */
const struct symbol *symbols_readable(const struct symbols *table, const char *name);
