/* SPDX-License-Identifier: MIT */
/*
 * The debug information for a code address of a module: the function, the functions that are
 * inlined there, and the source lines.
 */
#pragma once

#include <stdbool.h>

#include "model/frames.h"
#include "unwind/libdw.h"

/*
 * Appends what is known about `address` to the locations: innermost inlined function first, the
 * function that has the frame last. `module` may be NULL. The caller fills in the objects. False:
 * the inlined functions are in a separate file (.dwo), which is not read.
 */
bool find_locations(const struct libdw *dw, Dwfl_Module *module, uint64_t address, struct frames *frames);

/* Whether the module has unwind information for an address: where the caller's registers are. */
bool has_unwind_rows(const struct libdw *dw, Dwfl_Module *module, uint64_t address);
