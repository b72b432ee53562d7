/* SPDX-License-Identifier: MIT */
/* Becomes one program and another in turn without a pause: itself, and the one it is given. */
#include "program.h"

int main(int argc, char **argv)
{
	require(argc == 2 || argc == 3, "usage: exec_loop OTHER [again]");
	if (argc == 2)
		ready();
	execl(argv[1], argv[1], argv[0], "again", NULL);
	require(0, "execl");
}
