/* SPDX-License-Identifier: MIT */
/*
 * A shared library which tells where its own things are. With NO_DATA it has no initialised data at
 * all, so that a linker can give its .bss a segment without a byte in the file.
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

/* Not a global one: of that, all copies of the library would use the first copy's. */
static __attribute__((noinline)) int function(int x)
{
	return x + constants[x % 3];
}

/* On a page of its own: a loader may move that page, and the file's headers must stay. */
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
	/* A library in a namespace of its own has a stdout of its own. */
	fflush(stdout);
}
