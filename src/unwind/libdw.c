/* SPDX-License-Identifier: MIT */
#include "unwind/libdw.h"

#include "base/load_library.h"
#include "base/util.h"

LIBRARY_NOTE(LIBDW_SONAME, "frames", "Stack frames");

const struct libdw *libdw_load(void)
{
	static struct libdw libdw;
#define LIBDW_ENTRY(function) { #function, &libdw.function },
	static const struct library_function functions[] = { LIBDW_FUNCTIONS(LIBDW_ENTRY) };

	return library_load(LIBDW_SONAME, functions, ARRAY_SIZE(functions)) ? &libdw : NULL;
}
