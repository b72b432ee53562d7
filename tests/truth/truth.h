/* SPDX-License-Identifier: MIT */
/*
 * What a truth program prints: "ADDRESS KIND WHAT [FILE]" for each object whose address it knows.
 * KIND is what memmap must show for that byte, and FILE the module that it belongs to. A line of
 * the kind "bias" says where a module was loaded. Then the program prints READY and waits for its
 * input to close.
 */
#pragma once

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static inline void tell(const volatile void *address, const char *kind, const char *what, const char *file)
{
	printf("%#" PRIxPTR " %s %s %s\n", (uintptr_t)address, kind, what, file ? file : "");
}

static inline void ready_and_wait(void)
{
	puts("READY");
	fflush(stdout);
	while (getchar() != EOF)
		;
}

static inline void *checked(void *p, const char *what)
{
	if (p == (void *)-1 || !p) {
		perror(what);
		exit(1);
	}
	return p;
}
