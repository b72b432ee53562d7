/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/auxv: pairs of machine words, in the width and byte order of the process
 * (getauxval(3)). Pure: bytes in, values out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUXV_TYPES 52 /* more than there are: AT_MINSIGSTKSZ is 51 */

struct auxv {
	uint64_t page_size;	     /* AT_PAGESZ */
	size_t word_size;	     /* 4 or 8 */
	uint64_t values[AUXV_TYPES]; /* by type, AT_PHDR and so on; UNKNOWN: not there */
};

/* False when the bytes make no sense in any width or byte order. */
bool parse_auxv(const void *bytes, size_t len, struct auxv *ret);
