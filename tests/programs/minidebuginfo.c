/* SPDX-License-Identifier: MIT */
/*
 * A library with a function that others may use, and one that they may not.
 */
static __attribute__((noinline)) int inner(int x)
{
	__asm__ volatile("");
	return x + 1;
}

int outer(int x)
{
	return inner(x) * 2;
}
