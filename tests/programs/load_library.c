/* SPDX-License-Identifier: MIT */
/* Loads the shared libraries that it is given, if any. */
#include <dlfcn.h>

#include "program.h"

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		require(dlopen(argv[i], RTLD_NOW) != NULL, argv[i]);
	ready();
	wait_for_end();
	return 0;
}
