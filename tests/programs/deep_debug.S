/* SPDX-License-Identifier: MIT */
/*
 * A program whose debug information nests one function in another, DEPTH times. x86-64.
 */
#include "waits.inc"

	.section .debug_abbrev,"",@progbits
	.uleb128 1
	.uleb128 0x11		/* DW_TAG_compile_unit */
	.byte 1
	.uleb128 0x11, 0x01	/* DW_AT_low_pc, DW_FORM_addr */
	.uleb128 0x12, 0x07	/* DW_AT_high_pc, DW_FORM_data8 */
	.byte 0, 0
	.uleb128 2
	.uleb128 0x2e		/* DW_TAG_subprogram, with children */
	.byte 1
	.uleb128 0x11, 0x01
	.uleb128 0x12, 0x07
	.byte 0, 0
	.byte 0

	.section .debug_info,"",@progbits
	.long .Linfo_end - .Linfo
.Linfo:	.value 4
	.long 0
	.byte 8
	.uleb128 1
	.quad .Lbegin
	.quad .Lend - .Lbegin
	.rept DEPTH
	.uleb128 2
	.quad .Lbegin
	.quad .Lend - .Lbegin
	.endr
	.fill DEPTH + 1, 1, 0
.Linfo_end:
	.section .note.GNU-stack,"",@progbits
