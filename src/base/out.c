/* SPDX-License-Identifier: MIT */
#include "base/out.h"

#include <errno.h>

void out_init(struct out *out, FILE *file)
{
	out->file = file;
	out->error = 0;
	out->len = 0;
	out->n_drained = 0;
}

void out_drain(struct out *out)
{
	if (out->len > 0 && !out->error && fwrite(out->buf, 1, out->len, out->file) != out->len)
		out->error = errno ? -errno : -EIO;
	out->n_drained += out->len;
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

void out_bytes(struct out *out, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < len; i++) {
		out_char(out, digits[byte[i] >> 4]);
		out_char(out, digits[byte[i] & 0xf]);
	}
}
