/* SPDX-License-Identifier: MIT */
#include "output/wrap_text.h"

#include "base/mem.h"
#include "base/text.h"

static size_t word_width(const char *word, size_t len)
{
	_cleanup_free_ char *copy = mem_copy(word, len);

	return text_width(copy);
}

void out_wrapped(struct out *out, const char *text, size_t at, size_t indent, size_t width)
{
	bool begins = true; /* nothing is written yet */

	if (width == 0) {
		out_str(out, text);
		return;
	}
	while (*text) {
		size_t len = strcspn(text, " ");
		size_t n = word_width(text, len);

		if (!begins && at + 1 + n > width) {
			out_char(out, '\n');
			out_fill(out, ' ', indent);
			at = indent;
		} else if (!begins) {
			out_char(out, ' ');
			at++;
		}
		out_write(out, text, len);
		at += n;
		begins = false;
		text += len + (text[len] == ' ');
	}
}
