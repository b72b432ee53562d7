/* SPDX-License-Identifier: MIT */
/*
 * The two-letter codes of VmFlags in smaps, in words (proc(5); show_smap_vma_flags() in the
 * kernel's fs/proc/task_mmu.c).
 */
#pragma once

#include <stddef.h>

/*
 * "rd ex mr " becomes "read,execute,may-read". Codes that this version does not know stay as
 * they are. The caller frees the result.
 */
char *vmflags_words(const char *codes, size_t len);
