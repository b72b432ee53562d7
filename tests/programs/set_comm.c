/* SPDX-License-Identifier: MIT */
/* Changes its own name to the argument. */
#include <sys/prctl.h>

#include "program.h"

int main(int argc, char **argv)
{
	require(argc == 2 && prctl(PR_SET_NAME, argv[1]) == 0, "PR_SET_NAME");
	ready();
	wait_for_end();
	return 0;
}
