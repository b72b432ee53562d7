/* SPDX-License-Identifier: MIT */
/*
 * Decompresses what xz(1) has compressed, with liblzma, which is loaded when it is first needed.
 */
#pragma once

#include <stddef.h>

/*
 * Decompresses all of it. 0, and the caller frees *ret; -EFBIG: it takes more than `max` bytes, or
 * more memory than any preset of xz does; -EBADMSG: it is damaged; -ENOSYS: liblzma is missing;
 * -ELIBACC: liblzma cannot be loaded.
 */
int xz_decode(const void *bytes, size_t len, size_t max, char **ret, size_t *ret_len);
