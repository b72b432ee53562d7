/* SPDX-License-Identifier: MIT */
#include "base/out.h"

#include <endian.h>
#include <errno.h>

void out_init(struct out *out, FILE *file)
{
	out->file = file;
	out->error = 0;
	out->len = 0;
}

void out_drain(struct out *out)
{
	if (out->len > 0 && !out->error && fwrite(out->buf, 1, out->len, out->file) != out->len)
		out->error = errno ? -errno : -EIO;
	out->len = 0;
}

int out_flush(struct out *out)
{
	out_drain(out);
	if (!out->error && fflush(out->file) != 0)
		out->error = errno ? -errno : -EIO;
	return out->error;
}

void out_write_through(struct out *out, const char *s, size_t len)
{
	while (len > out_room(out)) {
		size_t room = out_room(out);

		memcpy(out->buf + out->len, s, room);
		out->len += room;
		out_drain(out);
		s += room;
		len -= room;
	}
	memcpy(out->buf + out->len, s, len);
	out->len += len;
}

void out_fill_through(struct out *out, char c, size_t n)
{
	while (n > out_room(out)) {
		size_t room = out_room(out);

		memset(out->buf + out->len, c, room);
		out->len += room;
		out_drain(out);
		n -= room;
	}
	memset(out->buf + out->len, c, n);
	out->len += n;
}

/* The eight hexadecimal digits of a number, one a byte, the first in the lowest: all at once. */
static inline uint64_t hex_digits(uint32_t value)
{
	uint64_t digits = value;
	uint64_t letters;

	digits = (digits & 0xffff) << 32 | digits >> 16;
	digits = (digits & 0x000000ff000000ff) << 16 | (digits >> 8 & 0x000000ff000000ff);
	digits = (digits & 0x000f000f000f000f) << 8 | (digits >> 4 & 0x000f000f000f000f);
	letters = (digits + EACH_BYTE * 6) >> 4 & EACH_BYTE;
	return htole64(digits + EACH_BYTE * '0' + letters * ('a' - '0' - 10));
}

size_t out_format_hex(char *buf, uint64_t value)
{
	size_t n = value ? (size_t)(67 - __builtin_clzll(value)) / 4 : 1;
	uint64_t left = value << 4 * (OUT_HEX_MAX - n);
	uint64_t digits[] = { hex_digits((uint32_t)(left >> 32)), hex_digits((uint32_t)left) };

	_Static_assert(sizeof(digits) == OUT_HEX_MAX, "all of the buffer");
	memcpy(buf, digits, sizeof(digits));
	return n;
}

static size_t count_digits(uint64_t value)
{
	size_t n = 1;

	for (uint64_t least = 10; value >= least && n < OUT_DEC_MAX; least *= 10)
		n++;
	return n;
}

size_t out_format_dec(char *buf, uint64_t value)
{
	size_t n = count_digits(value);

	for (size_t i = n; i > 0; i--, value /= 10)
		buf[i - 1] = (char)('0' + value % 10);
	return n;
}

void out_bytes(struct out *out, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < len; i++) {
		out_char(out, digits[byte[i] >> 4]);
		out_char(out, digits[byte[i] & 0xf]);
	}
}
