/* SPDX-License-Identifier: MIT */
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

static const char *failure;

const char *library_failure(void)
{
	return failure;
}

bool library_load(const char *soname, const struct library_function *functions, size_t n)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	failure = NULL;
	if (!library) {
		/* The C library has no code for it, but the words of ENOENT are always among its own. */
		const char *why = dlerror();

		failure = why && !strstr(why, "No such file or directory") ? why : NULL;
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		void *address = dlsym(library, functions[i].name);

		if (!address)
			return false;
		/* POSIX has both kinds of pointers alike, ISO C has no way to cast one to the other. */
		memcpy(functions[i].pointer, &address, sizeof(address));
	}
	return true;
}
