/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/auxv: pairs of machine words, in the width and byte order of the process
 * (getauxval(3)). Pure: bytes in, values out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct auxv {
	uint64_t page_size; /* AT_PAGESZ */
	size_t word_size;   /* 4 or 8 */
};

/* False when the bytes make no sense in any width or byte order. */
bool parse_auxv(const void *bytes, size_t len, struct auxv *ret);
