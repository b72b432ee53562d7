/* SPDX-License-Identifier: MIT */
/* For programs that load shared libraries while they run. */
#pragma once

#include <dlfcn.h>

#include "program.h"

/* The result of dlopen(3) or dlmopen(3). If it is NULL, prints why and ends the program, and so the test. */
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
