/* SPDX-License-Identifier: MIT */
/*
 * The debugging information for an address of a module's code: the function, the functions
 * that are inlined there, and the lines of the source.
 */
#pragma once

#include <stdbool.h>

#include "model/frames.h"
#include "unwind/libdw.h"

/*
 * Appends what is known of `address` to the sites: innermost inlined functions first, last the
 * function that has the frame. `module` may be NULL. The objects are the caller's to fill in. False: the inlined
 * functions are in a file of their own (.dwo), which is not read.
 */
bool find_locations(const struct libdw *dw, Dwfl_Module *module, uint64_t address, struct frames *frames);

/* Whether the module says, for unwinding, where the caller's registers are. */
bool has_unwind_rows(const struct libdw *dw, Dwfl_Module *module, uint64_t address);
