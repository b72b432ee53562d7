/* SPDX-License-Identifier: MIT */
/* Finds C++ and Rust symbols by the names that the programmer gave them. */
#pragma once

#include "elf/symbols.h"

/*
 * The symbol with this readable name, with or without what demangle() adds after it: parameters,
 * "[abi:cxx11]". NULL: none. Among several, such as overloaded functions, the first that is not
 * local, else the first.
 */
const struct symbol *symbols_readable(const struct symbols *table, const char *name);
