/* SPDX-License-Identifier: MIT */
/*
 * This kernel's vdso for 32-bit processes, for a 64-bit memmap on x86. It is read only in a child
 * of our own, so that no other process has to be touched.
 */
#pragma once

#include <stddef.h>

/*
 * The image, up to `size` bytes of it; the caller frees it. *ret_len is 0 if the kernel does not
 * provide it (CONFIG_CHECKPOINT_RESTORE). NULL: this is another machine, or no child could be
 * started.
 */
char *read_vdso32(size_t size, size_t *ret_len);
