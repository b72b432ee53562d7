/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "unwind/libdw.h"

/*
 * Whether the strings of a file's debug information end within their sections: libdw looks for the end of each,
 * wherever that is. `elf`: of libdw's libelf, or NULL. Compressed strings are inflated, and stay so.
 */
bool are_strings_ended(const struct libdw *dw, Elf *elf);
