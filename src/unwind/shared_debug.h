/* SPDX-License-Identifier: MIT */
/*
 * Debug files may have common parts in a file that they share (dwz(1)). Its path comes from the
 * debug file, which may be anybody's, and libdw opens that path when it first needs it, whatever is
 * there. So libdw always gets the file beforehand, or an empty one.
 */
#pragma once

#include <stdbool.h>

#include "source/source.h"
#include "unwind/libdw.h"

struct shared_debug {
	enum { SHARED_UNKNOWN, SHARED_NONE, SHARED_FOUND, SHARED_MISSING, SHARED_UNUSABLE } state;
	int fd; /* only if SHARED_FOUND */
	Elf *elf;
	Dwarf *dwarf;
};

/*
 * Gives libdw the shared file of `dwarf`, once; `shared` must begin as all zero. False: the debug
 * information must not be used.
 */
bool set_shared_debug(struct shared_debug *shared, const struct libdw *dw, Dwarf *dwarf,
		      struct source *source);

/* After libdw's last use of it. */
void shared_debug_done(struct shared_debug *shared, const struct libdw *dw);
