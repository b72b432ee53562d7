/* SPDX-License-Identifier: MIT */
/*
 * Uses a variable of the C library, which the loader copies into this program's memory.
 */
#include <stdio.h>

int main(void)
{
	return fflush(stdout);
}
