/* SPDX-License-Identifier: MIT */
#include "base/load_library.h"

#include <dlfcn.h>
#include <string.h>

static const char *failure;

/* dlopen(3) has no error code: only its message shows that the file is missing, or is not a library. */
static const char *reason(void)
{
	static const char *const absent[] = { "No such file or directory", "file too short" };
	const char *why = dlerror();

	for (size_t i = 0; why && i < sizeof(absent) / sizeof(*absent); i++)
		if (strstr(why, absent[i]))
			return NULL;
	return why;
}

const char *library_failure(void)
{
	return failure;
}

bool library_load(const char *soname, const struct library_function *functions, size_t n)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	failure = library ? NULL : reason();
	if (!library)
		return false;
	for (size_t i = 0; i < n; i++) {
		void *address = dlsym(library, functions[i].name);

		if (!address)
			return false;
		/* POSIX represents both kinds of pointers alike; ISO C has no cast between them. */
		memcpy(functions[i].pointer, &address, sizeof(address));
	}
	return true;
}
