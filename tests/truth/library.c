/* SPDX-License-Identifier: MIT */
/*
 * A shared library that reports where its own code and data are. With NO_DATA it has no initialised
 * data, so a linker can give its .bss a segment without a byte in the file.
 */
#include "library.h"
#include "truth.h"

#define SIZE 70000

static const int constants[] = { 1, 2, 3 };
static char zeros[SIZE];
static void *const pointer = zeros;
#ifndef NO_DATA
static char initialised[SIZE] = { 1 };
#endif

/* Static: if it were global, all copies of the library would use the function of the first copy. */
static __attribute__((noinline)) int function(int x)
{
	return x + constants[x % 3];
}

/* On a page of its own: loader.c may move that page, but the file's headers must stay. */
__attribute__((aligned(4096))) void library_tell(const char *self)
{
	tell((void *)function, "text", "function", self);
	tell("a string constant", "rodata", "string", self);
	tell(constants, "rodata", "constants", self);
	tell(&pointer, "relro", "pointer", self);
#ifndef NO_DATA
	tell(initialised, "data", "initialised", self);
	tell(initialised + SIZE - 1, "data", "initialised-end", self);
#endif
	tell(zeros, "bss", "zeros", self);
	tell(zeros + SIZE - 1, "bss", "zeros-end", self);
	/* In another namespace, the library has its own stdout. */
	fflush(stdout);
}
