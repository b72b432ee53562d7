/* SPDX-License-Identifier: MIT */
/*
 * What xz(1) has compressed, by liblzma, which is loaded when it is first needed.
 */
#pragma once

#include <stddef.h>

/*
 * Decompresses the whole of it. 0; the caller frees *ret. -EFBIG: it takes more than `max` bytes, or
 * more memory than any preset of xz does; -EBADMSG: it is damaged; -ENOSYS: liblzma is missing.
 */
int xz_decode(const void *bytes, size_t len, size_t max, char **ret, size_t *ret_len);
