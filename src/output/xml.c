/* SPDX-License-Identifier: MIT */
#include "output/xml.h"

#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd"

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* U+FFFE and U+FFFF are not characters, and XML forbids them. */
static bool is_allowed(uint32_t c)
{
	return !text_is_unsafe(c) && c != 0xfffe && c != 0xffff;
}

void xml_text(struct out *out, const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		const char *escaped = entity(text[i]);
		uint32_t c = 0;

		n = text_decode(text + i, len - i, &c);
		if (n == 0 || !is_allowed(c))
			out_str(out, REPLACEMENT);
		else if (escaped)
			out_str(out, escaped);
		else
			out_write(out, text + i, n);
		n = n > 0 ? n : 1;
	}
}
