/* SPDX-License-Identifier: MIT */
/* Sentences, and numbers as they have them. The caller frees what is returned. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/out.h"

/* With commas, as people write it. */
char *format_count(uint64_t number);

/* A size in powers of 1024, text_size(); or, as with --bytes, in bytes: "1048576B". */
char *format_size(uint64_t bytes, bool is_exact);

/* A sentence below a table, folded at `width` columns, after an empty line; NULL: nothing. */
void put_sentence(struct out *out, const char *sentence, size_t width);
