/* SPDX-License-Identifier: MIT */
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

bool library_load(const char *soname, const struct library_function *functions, size_t n)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return false;
	for (size_t i = 0; i < n; i++) {
		void *address = dlsym(library, functions[i].name);

		if (!address)
			return false;
		/* POSIX has both kinds of pointers alike, ISO C has no way to cast one to the other. */
		memcpy(functions[i].pointer, &address, sizeof(address));
	}
	return true;
}
