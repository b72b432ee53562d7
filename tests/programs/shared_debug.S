/* SPDX-License-Identifier: MIT */
/* A program whose debug information has a name in a shared file, TARGET, as dwz makes it. x86-64. */
#include "waits.inc"

	.section .debug_abbrev,"",@progbits
	.uleb128 1
	.uleb128 0x11		/* DW_TAG_compile_unit */
	.byte 1
	.uleb128 0x11, 0x01	/* DW_AT_low_pc, DW_FORM_addr */
	.uleb128 0x12, 0x07	/* DW_AT_high_pc, DW_FORM_data8 */
	.byte 0, 0
	.uleb128 2
	.uleb128 0x2e		/* DW_TAG_subprogram */
	.byte 0
	.uleb128 0x03, 0x1f21	/* DW_AT_name, DW_FORM_GNU_strp_alt */
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
	.uleb128 2
	.long 0
	.quad .Lbegin
	.quad .Lend - .Lbegin
	.byte 0
.Linfo_end:

	.section .gnu_debugaltlink,"",@progbits
	.asciz TARGET
	.byte 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20
	.section .note.GNU-stack,"",@progbits
