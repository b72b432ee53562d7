/* SPDX-License-Identifier: MIT */
/*
 * A library for any machine, without a C library.
 */
int variable = 3;

static __attribute__((noinline)) int inner(int x)
{
	__asm__ volatile("");
	return x + 1;
}

int outer(int x)
{
	return inner(x) * variable;
}
