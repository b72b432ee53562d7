/* SPDX-License-Identifier: MIT */
/* Hides from other processes of its user, as ssh-agent does. */
#include <sys/prctl.h>

#include "program.h"

int main(void)
{
	require(prctl(PR_SET_DUMPABLE, 0) == 0, "PR_SET_DUMPABLE");
	ready();
	wait_for_end();
	return 0;
}
