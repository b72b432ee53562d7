/* SPDX-License-Identifier: MIT */
/* Loads the shared libraries that it is given, if any. */
#include "load.h"
#include "program.h"

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		load(argv[i]);
	ready();
	wait_for_end();
	return 0;
}
