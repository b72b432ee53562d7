/* SPDX-License-Identifier: MIT */
/*
 * A program without a C library, which never uses the kernel's vdso: none of the vdso's pages are
 * touched.
 */
#include <asm/unistd.h>

static long call(long number, long first, const void *second, long third)
{
	long result;

#if defined(__x86_64__)
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(first), "S"(second), "d"(third)
			 : "rcx", "r11", "memory");
#elif defined(__i386__)
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(first), "c"(second), "d"(third)
			 : "memory");
#else
#error "no system calls of this machine"
#endif
	return result;
}

void _start(void)
{
	char byte;

	call(__NR_write, 1, "READY\n", 6);
	call(__NR_read, 0, &byte, 1);
	call(__NR_exit, 0, 0, 0);
}
