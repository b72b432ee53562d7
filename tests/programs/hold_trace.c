/* SPDX-License-Identifier: MIT */
/* Traces the process PID without stopping it, as a debugger does: hold_trace PID. */
#include <sys/ptrace.h>

#include "program.h"

int main(int argc, char **argv)
{
	require(argc > 1 && ptrace(PTRACE_SEIZE, atoi(argv[1]), NULL, NULL) == 0, "PTRACE_SEIZE");
	ready();
	wait_for_end();
	return 0;
}
