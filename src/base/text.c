/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/digits.h"
#include "base/mem.h"

struct span {
	uint32_t first, last; /* both included */
};

/*
 * Unicode categories Cc, Cf, Zl and Zp, except for characters that stand for something visible; and
 * the letters and marks that are invisible.
 */
static const struct span unsafe_chars[] = {
	{ 0x0000, 0x001f },   { 0x007f, 0x009f },   { 0x00ad, 0x00ad },	  { 0x034f, 0x034f },
	{ 0x061c, 0x061c },   { 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },	  { 0x180b, 0x180f },
	{ 0x200b, 0x200f },   { 0x2028, 0x202e },   { 0x2060, 0x206f },	  { 0x3164, 0x3164 },
	{ 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },	  { 0xfff0, 0xfffb },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
};

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

size_t text_decode(const char *s, size_t len, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = (unsigned char)s[0];
	size_t n = lead < 0x80 ? 1 :
		   lead < 0xc2 ? 0 :
		   lead < 0xe0 ? 2 :
		   lead < 0xf0 ? 3 :
		   lead < 0xf5 ? 4 :
				 0;
	uint32_t c = n > 1 ? lead & (0x7fu >> n) : lead;

	if (n == 0 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if (!is_continuation(s[i]))
			return 0;
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return n;
}

bool text_is_utf8(const char *s, size_t len)
{
	uint32_t c;

	for (size_t i = 0, n; i < len; i += n) {
		n = text_decode(s + i, len - i, &c);
		if (n == 0)
			return false;
	}
	return true;
}

bool text_is_plain(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] < 0x20 || s[i] > 0x7e || s[i] == '\\')
			return false;
	return true;
}

bool text_is_unsafe(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_SIZE(unsafe_chars) && c >= unsafe_chars[i].first; i++)
		if (c <= unsafe_chars[i].last)
			return true;
	return false;
}

bool text_locale_is_utf8(void)
{
	static enum { NOT_ASKED, NO, YES } known; /* the locale is set only here: most runs never need it */

	if (known == NOT_ASKED) {
		setlocale(LC_CTYPE, "");
		known = strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? YES : NO;
	}
	return known == YES;
}

/* How many bytes at the start are printable ASCII, as nearly all are, and take one column each. */
static size_t plain_bytes(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && s[i] >= ' ' && s[i] <= '~')
		i++;
	return i;
}

/* How many bytes at s + i can be copied as they are; 0 when the byte there must be escaped. */
static size_t safe_bytes(const char *s, size_t len, size_t i, enum text_escape how)
{
	uint32_t c;
	size_t n = text_decode(s + i, len - i, &c);

	if (n == 0 || text_is_unsafe(c) || (n > 1 && how != TEXT_UTF8 && !text_locale_is_utf8()))
		return 0;
	if (how == TEXT_RAW && (c == ' ' || c == '\\'))
		return 0;
	if (c == '\\' && i + 1 < len && s[i + 1] == 'x')
		return 0;
	return n;
}

char *text_escape(const char *s, size_t len, enum text_escape how)
{
	static const char hex[] = "0123456789abcdef";
	char *text = mem_alloc(4 * len + 1);
	char *p = text;

	for (size_t i = 0, n; i < len; i += n) {
		if (s[i] > ' ' && s[i] <= '~' && s[i] != '\\') {
			*p++ = s[i];
			n = 1;
			continue;
		}
		n = safe_bytes(s, len, i, how);
		if (n > 0) {
			p = mempcpy(p, s + i, n);
			continue;
		}
		*p++ = '\\';
		*p++ = 'x';
		*p++ = hex[(unsigned char)s[i] >> 4];
		*p++ = hex[s[i] & 0xf];
		n = 1;
	}
	*p = '\0';
	return text;
}

size_t text_char_width(const char *s, size_t len, size_t *ret_bytes)
{
	uint32_t c = 0;
	size_t n = text_decode(s, len, &c);
	int width = n > 1 ? wcwidth((wchar_t)c) : 1;

	*ret_bytes = n ? n : 1;
	return width < 0 ? 1 : (size_t)width;
}

size_t text_width(const char *s)
{
	size_t len = strlen(s);
	size_t width = 0;

	for (size_t i = 0, n; i < len; i += n) {
		size_t plain = plain_bytes(s + i, len - i);

		width += plain;
		i += plain;
		if (i == len)
			break;
		width += text_char_width(s + i, len - i, &n);
	}
	return width;
}

size_t text_cut(const char *s, size_t len, size_t max)
{
	if (len <= max)
		return len;
	len = max;
	while (len > 0 && max - len < 3 && is_continuation(s[len]))
		len--;
	return len;
}

static const char *ellipsis(bool keeps_start)
{
	return text_locale_is_utf8() ? "…" : keeps_start ? ">" : "<";
}

/* How many bytes at the start take at most `width` columns. */
static size_t fitting(const char *s, size_t len, size_t width)
{
	size_t i = 0;
	size_t n;

	while (i < len) {
		size_t w = text_char_width(s + i, len - i, &n);

		if (w > width)
			break;
		width -= w;
		i += n;
	}
	return i;
}

/* How many bytes must go from the start so that the rest takes at most `width` columns. */
static size_t exceeding(const char *s, size_t len, size_t whole, size_t width)
{
	size_t i = 0;

	/* Combining characters go with the character that they belong to. */
	while (i < len) {
		size_t n;
		size_t w = text_char_width(s + i, len - i, &n);

		if (whole <= width && w > 0)
			break;
		whole -= w;
		i += n;
	}
	return i;
}

char *text_shorten(const char *s, size_t width, bool keeps_start)
{
	const char *mark = ellipsis(keeps_start);
	size_t len = strlen(s);
	size_t whole = text_width(s);

	if (whole <= width)
		return mem_copy(s, len);
	/* One column goes to the mark. */
	if (keeps_start)
		return mem_format("%.*s%s", (int)fitting(s, len, width - 1), s, mark);
	return mem_format("%s%s", mark, s + exceeding(s, len, whole, width - 1));
}

size_t text_size(char *buf, uint64_t bytes)
{
	static const char units[] = "BKMGTPE";
	unsigned shift = (unsigned)(63 - __builtin_clzll(bytes | 1)) / 10 * 10;
	uint64_t whole = bytes >> shift;
	uint64_t rest = bytes & ((UINT64_C(1) << shift) - 1);
	uint64_t tenths = 0;
	char *p;

	if (rest > 0) {
		uint64_t half = UINT64_C(1) << (shift - 1);

		if (whole < 100)
			tenths = (rest * 10 + half) >> shift;
		else if (rest >= half)
			whole++;
	}
	/* The size may have been rounded up to the next whole number, or to 1024 of its unit. */
	if (tenths == 10) {
		whole++;
		tenths = 0;
	}
	if (whole == 1024 && shift < 60) {
		whole = 1;
		shift += 10;
	}
	p = buf + digits_format_dec(buf, whole);
	if (tenths > 0) {
		*p++ = '.';
		*p++ = (char)('0' + tenths);
	}
	*p++ = units[shift / 10];
	return (size_t)(p - buf);
}

static size_t format_two_digits(char *buf, uint32_t value)
{
	char digits[DIGITS_HEX_MAX];
	size_t n = digits_format_hex(digits, value);

	*buf = '0';
	memcpy(buf + (n < 2), digits, n);
	return MAX(n, 2);
}

char *text_hex(const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *byte = bytes;
	char *text = mem_alloc(2 * len + 1);

	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[byte[i] >> 4];
		text[2 * i + 1] = digits[byte[i] & 0xf];
	}
	return text;
}

size_t text_device(char *buf, uint32_t major, uint32_t minor)
{
	size_t n = format_two_digits(buf, major);

	buf[n++] = ':';
	return n + format_two_digits(buf + n, minor);
}

bool text_parse_u64(const char *s, int base, uint64_t *ret)
{
	char *end;

	/* strtoull() accepts blanks and signs, which no number here has. */
	if (*s == '\0' || strchr(" \t\n\v\f\r+-", *s))
		return false;
	errno = 0;
	*ret = strtoull(s, &end, base);
	return errno == 0 && *end == '\0';
}
