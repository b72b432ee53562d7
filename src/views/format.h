/* SPDX-License-Identifier: MIT */
/* Sentences, and numbers for them. The caller frees returned strings. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/out.h"

/* A number with commas: "1,234,567". */
char *format_count(uint64_t number);

/* A size in powers of 1024, as text_size(); if exact, as with --bytes, in bytes: "1048576B". */
char *format_size(uint64_t bytes, bool is_exact);

/* Prints an empty line and a sentence wrapped at `width` columns, to go below a table; for NULL, nothing. */
void put_sentence(struct out *out, const char *sentence, size_t width);
