/* SPDX-License-Identifier: MIT */
/*
 * A library with two versions of a function, and an old name for another one; see versions.map.
 */
int old_answer(void)
{
	return 1;
}

int new_answer(void)
{
	return 2;
}

int question(void)
{
	return 3;
}

__asm__(".symver old_answer, answer@V1");
__asm__(".symver new_answer, answer@@V2");
__asm__(".symver question, ask@V1");
