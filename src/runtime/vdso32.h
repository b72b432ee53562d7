/* SPDX-License-Identifier: MIT */
/*
 * The vdso of 32-bit processes as this kernel has it, for a 64-bit memmap on x86. It is read
 * nowhere but in a child of our own, so that no process has to be touched for it.
 */
#pragma once

#include <stddef.h>

/*
 * The image, up to `size` bytes of it; the caller frees it. NULL: on another machine, or where the
 * kernel does not give it (CONFIG_CHECKPOINT_RESTORE).
 */
char *read_vdso32(size_t size, size_t *ret_len);
