/* SPDX-License-Identifier: MIT */
/* A program many calls deep: unwinding each takes 200,000 instructions of the unwind table. x86-64. */
	.text
	.globl _start
_start:
	.cfi_startproc
	.cfi_undefined 16
	mov $400000, %ebx
	call down
	.cfi_endproc

down:
	.cfi_startproc
	push %rbp
	.cfi_def_cfa_offset 16
	.rept 200000
	.cfi_escape 0x2e, 0	/* DW_CFA_GNU_args_size, which changes nothing */
	.endr
	dec %ebx
	jz 1f
	call down
1:	mov $1, %eax		/* write */
	mov $1, %edi
	lea ready(%rip), %rsi
	mov $6, %edx
	syscall
2:	mov $34, %eax		/* pause */
	syscall
	jmp 2b
	.cfi_endproc

	.section .rodata
ready:	.ascii "READY\n"
	.section .note.GNU-stack,"",@progbits
