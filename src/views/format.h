/* SPDX-License-Identifier: MIT */
/* Numbers as sentences have them. The caller frees what is returned. */
#pragma once

#include <stdint.h>

/* With commas, as people write it. */
char *format_count(uint64_t number);

/* A size in powers of 1024: text_size(). */
char *format_size(uint64_t bytes);
