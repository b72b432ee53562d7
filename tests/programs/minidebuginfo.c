/* SPDX-License-Identifier: MIT */
/*
 * A library with an exported function and a static one.
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
