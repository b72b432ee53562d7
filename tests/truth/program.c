/* SPDX-License-Identifier: MIT */
/*
 * A plain program that reports where its own code and data are. It is built by every compiler and
 * linker, with every layout of segments; TINY_BSS makes a .bss that ends inside the last page of
 * the file.
 */
#define _GNU_SOURCE
#include <link.h>
#include <unistd.h>

#include "truth.h"

#ifdef TINY_BSS
#define BSS_SIZE 1
#define DATA_SIZE 16
#else
#define BSS_SIZE (3 * 65536 + 1)
#define DATA_SIZE 5000
#endif
/* Two of these outgrow malloc's first piece of brk, and are too small to get a mapping each. */
#define HEAP_BLOCK 100000

static const int constants[] = { 1, 2, 3 };
static char initialised[DATA_SIZE] = { 1 };
static char zeros[BSS_SIZE];
/* If the program is relocatable, this address is only known at run time, and read-only after that. */
static void *const pointer = initialised;

static __attribute__((noinline)) int function(int x)
{
	return x + constants[x % 3];
}

/* Called for the program itself first; its dlpi_name differs from libc to libc. */
static int tell_bias(struct dl_phdr_info *info, size_t size, void *program)
{
	const char **self = program;
	const char *name = *self ? *self : info->dlpi_name;

	(void)size;
	*self = NULL;
	/* The vdso is a module without a file. */
	if (name[0] == '/')
		tell((void *)info->dlpi_addr, "bias", "module", name);
	return 0;
}

static void tell_heap(char *low)
{
	for (int i = 0; i < 4; i++) {
		char *block = checked(malloc(HEAP_BLOCK), "malloc");

		/* Not every libc takes its memory from brk. */
		if (block >= low && block + HEAP_BLOCK <= (char *)sbrk(0)) {
			tell(block, "heap", "block", NULL);
			tell(block + HEAP_BLOCK - 1, "heap", "block-end", NULL);
		}
	}
#ifdef __GLIBC__
	tell(low, "heap", "brk-start", NULL);
	tell((char *)sbrk(0) - 1, "heap", "brk-end", NULL);
#endif
}

int main(int argc, char **argv)
{
	char *brk_start = sbrk(0);
	const char *self = argv[0];
	int local = function(argc);

	dl_iterate_phdr(tell_bias, &(const char *){ self });
	tell((void *)function, "text", "function", self);
	tell("a string constant", "rodata", "string", self);
	tell(constants, "rodata", "constants", self);
#ifdef __PIC__
	tell(&pointer, "relro", "pointer", self);
#else
	tell(&pointer, "rodata", "pointer", self);
#endif
	tell(initialised, "data", "initialised", self);
	tell(initialised + DATA_SIZE - 1, "data", "initialised-end", self);
	tell(zeros, "bss", "zeros", self);
	tell(zeros + BSS_SIZE - 1, "bss", "zeros-end", self);
	tell(&local, "stack", "local", NULL);
	tell(argv[0], "stack", "argument", NULL);
	tell(environ[0], "stack", "environment", NULL);
	tell_heap(brk_start);
	ready_and_wait();
	return 0;
}
