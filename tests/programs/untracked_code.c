/* SPDX-License-Identifier: MIT */
/*
 * Makes memory that can be written and executed, full of an address within libc, as generated code has it, beside a
 * heap of 200 MB. No variable, and nothing in the heap, has the address of that memory.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "program.h"

#define HEAP ((intptr_t)200 << 20)
#define SIZE 4096
#define CALLS 100

int main(void)
{
	int (*call)(const char *) = puts;
	void **code =
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	require(code != MAP_FAILED, "mmap");
	require(sbrk(HEAP) != (void *)-1, "sbrk");
	for (int i = 0; i < CALLS; i++)
		code[i] = (void *)call;
	ready();
	wait_for_end();
	return 0;
}
