/* SPDX-License-Identifier: MIT */
/*
 * Buffered output with the few conversions that tables and JSON need. printf() takes four times as
 * long for a row, which shows at sixty thousand rows.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/digits.h"
#include "base/util.h"

struct out {
	FILE *file; /* borrowed */
	int error;  /* the first failure, a negative errno; nothing is written after it */
	size_t len;
	uint64_t n_drained; /* characters before those in the buffer */
	char buf[1 << 15];
};

void out_init(struct out *out, FILE *file);

/* Writes the buffer to the file, and flushes the file. 0, or the first error of all. */
int out_flush(struct out *out);

/* Writes the buffer to the file, and empties the buffer. */
void out_drain(struct out *out);

/* How many characters have been written so far. */
static inline uint64_t out_position(const struct out *out)
{
	return out->n_drained + out->len;
}

/* What was written since that position; NULL if part of it has left the buffer. */
static inline const char *out_since(const struct out *out, uint64_t position)
{
	return position >= out->n_drained ? out->buf + (position - out->n_drained) : NULL;
}

/* For text that does not fit into the buffer. */
void out_write_through(struct out *out, const char *s, size_t len);
void out_fill_through(struct out *out, char c, size_t n);

/* Bytes in hexadecimal, two digits each. */
void out_bytes(struct out *out, const void *bytes, size_t len);

static inline size_t out_room(const struct out *out)
{
	return sizeof(out->buf) - out->len;
}

/* Makes room for `n` characters, which must be far fewer than the buffer holds. */
static inline void out_reserve(struct out *out, size_t n)
{
	if (unlikely(out_room(out) < n))
		out_drain(out);
}

/* For as few bytes as in keys and words, calling memcpy() takes longer than two overlapping moves. */
static inline void copy_bytes(char *to, const char *from, size_t len)
{
	uint64_t first, last;
	uint32_t first_half, last_half;

	if (len > 16) {
		memcpy(to, from, len);
	} else if (len >= 8) {
		memcpy(&first, from, 8);
		memcpy(&last, &from[len - 8], 8);
		memcpy(to, &first, 8);
		memcpy(&to[len - 8], &last, 8);
	} else if (len >= 4) {
		memcpy(&first_half, from, 4);
		memcpy(&last_half, &from[len - 4], 4);
		memcpy(to, &first_half, 4);
		memcpy(&to[len - 4], &last_half, 4);
	} else if (len > 0) {
		to[0] = from[0];
		to[len / 2] = from[len / 2];
		to[len - 1] = from[len - 1];
	}
}

static inline void out_write(struct out *out, const char *s, size_t len)
{
	if (unlikely(len > sizeof(out->buf) || len > out_room(out))) {
		out_write_through(out, s, len);
		return;
	}
	copy_bytes(out->buf + out->len, s, len);
	out->len += len;
}

#define OUT_SHORT 24

/* Like out_write(), for at most OUT_SHORT characters; OUT_SHORT must be readable, whatever `len` is. */
static inline void out_write_short(struct out *out, const char *s, size_t len)
{
	out_reserve(out, OUT_SHORT);
	memcpy(out->buf + out->len, s, OUT_SHORT);
	out->len += len;
}

static inline void out_fill(struct out *out, char c, size_t n)
{
	if (unlikely(n > OUT_SHORT)) {
		out_fill_through(out, c, n);
		return;
	}
	out_reserve(out, OUT_SHORT);
	memset(out->buf + out->len, c, OUT_SHORT);
	out->len += n;
}

static inline void out_str(struct out *out, const char *s)
{
	out_write(out, s, strlen(s));
}

static inline void out_char(struct out *out, char c)
{
	out_reserve(out, 1);
	out->buf[out->len++] = c;
}

static inline void out_dec(struct out *out, uint64_t value)
{
	out_reserve(out, DIGITS_DEC_MAX);
	out->len += digits_format_dec(out->buf + out->len, value);
}
