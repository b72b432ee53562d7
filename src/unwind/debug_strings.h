/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "unwind/libdw.h"

/*
 * Whether the strings in a file's debug information end within their sections: libdw looks for the
 * end of each string, wherever that is. `elf`: a handle of libdw's libelf, or NULL. Inflates
 * compressed strings, and leaves them inflated.
 */
bool are_strings_ended(const struct libdw *dw, Elf *elf);
