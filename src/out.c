/* SPDX-License-Identifier: MIT */
#include "out.h"

#include <errno.h>

#include "util.h"

void out_init(struct out *out, FILE *file)
{
	out->file = file;
	out->error = 0;
	out->len = 0;
}

static void drain(struct out *out)
{
	if (out->len > 0 && !out->error && fwrite(out->buf, 1, out->len, out->file) != out->len)
		out->error = errno ? -errno : -EIO;
	out->len = 0;
}

int out_flush(struct out *out)
{
	drain(out);
	if (!out->error && fflush(out->file) != 0)
		out->error = errno ? -errno : -EIO;
	return out->error;
}

void out_write(struct out *out, const char *s, size_t len)
{
	while (unlikely(len > sizeof(out->buf) - out->len)) {
		size_t room = sizeof(out->buf) - out->len;

		memcpy(out->buf + out->len, s, room);
		out->len += room;
		drain(out);
		s += room;
		len -= room;
	}
	memcpy(out->buf + out->len, s, len);
	out->len += len;
}

void out_fill(struct out *out, char c, size_t n)
{
	while (unlikely(n > sizeof(out->buf) - out->len)) {
		size_t room = sizeof(out->buf) - out->len;

		memset(out->buf + out->len, c, room);
		out->len += room;
		drain(out);
		n -= room;
	}
	memset(out->buf + out->len, c, n);
	out->len += n;
}

size_t out_format_hex(char *buf, uint64_t value)
{
	size_t n = value ? (size_t)(67 - __builtin_clzll(value)) / 4 : 1;

	for (size_t i = n; i > 0; i--, value >>= 4)
		buf[i - 1] = "0123456789abcdef"[value & 0xf];
	return n;
}

size_t out_format_dec(char *buf, uint64_t value)
{
	char digits[OUT_DEC_MAX];
	size_t n = 0;

	do
		digits[OUT_DEC_MAX - ++n] = (char)('0' + value % 10);
	while (value /= 10);
	memcpy(buf, digits + OUT_DEC_MAX - n, n);
	return n;
}
