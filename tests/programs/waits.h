/* SPDX-License-Identifier: MIT */
/* For assembly language: a program without a C library, from .Lbegin to .Lend, that says READY and waits. x86-64. */
	.text
	.globl _start
_start:
.Lbegin:
	mov $1, %eax		/* write */
	mov $1, %edi
	lea ready(%rip), %rsi
	mov $6, %edx
	syscall
1:	mov $34, %eax		/* pause */
	syscall
	jmp 1b
	nop
.Lend:
	.section .rodata
ready:	.ascii "READY\n"
