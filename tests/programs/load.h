/* SPDX-License-Identifier: MIT */
/* For programs that load shared libraries while they run. */
#pragma once

#include <dlfcn.h>

#include "program.h"

/* What dlopen(3) or dlmopen(3) gave. Where it is nothing, ends the program, and with it the test, and says why. */
static inline void *loaded(void *library)
{
	if (library)
		return library;
	fprintf(stderr, "%s\n", dlerror());
	exit(1);
}

static inline void *load(const char *path)
{
	return loaded(dlopen(path, RTLD_NOW));
}
