/* SPDX-License-Identifier: MIT */
/*
 * Has a variable of the C library's copied into its own memory.
 */
#include <stdio.h>

int main(void)
{
	return fflush(stdout);
}
