/* SPDX-License-Identifier: MIT */
/* Executes OTHER, another build of this program, which executes this one again, and so on without a pause. */
#include "program.h"

int main(int argc, char **argv)
{
	require(argc == 2 || argc == 3, "usage: exec_loop OTHER [again]");
	if (argc == 2)
		ready();
	execl(argv[1], argv[1], argv[0], "again", NULL);
	require(0, "execl");
}
