/* SPDX-License-Identifier: MIT */
#include "snapshot/jansson.h"

#include "base/load_library.h"
#include "base/util.h"

LIBRARY_NOTE(JANSSON_SONAME, "snapshots", "Snapshots that memmap reads back");

const struct jansson *jansson_load(void)
{
	static struct jansson jansson;
#define JANSSON_ENTRY(function) { #function, &jansson.function },
	static const struct library_function functions[] = { JANSSON_FUNCTIONS(JANSSON_ENTRY) };

	return library_load(JANSSON_SONAME, functions, ARRAY_SIZE(functions)) ? &jansson : NULL;
}
