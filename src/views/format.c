/* SPDX-License-Identifier: MIT */
#include "views/format.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "output/wrap_text.h"

char *format_count(uint64_t number)
{
	char digits[24];
	char text[32];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, number);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			text[n++] = ',';
		text[n++] = digits[i];
	}
	return mem_copy(text, n);
}

char *format_size(uint64_t bytes, bool is_exact)
{
	char text[OUT_SHORT];

	if (is_exact)
		return mem_format("%" PRIu64 "B", bytes);
	return mem_copy(text, text_size(text, bytes));
}

void put_sentence(struct out *out, const char *sentence, size_t width)
{
	if (!sentence)
		return;
	out_char(out, '\n');
	out_wrapped(out, sentence, 0, 0, width);
	out_char(out, '\n');
}
