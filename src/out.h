/* SPDX-License-Identifier: MIT */
/*
 * Buffered output with the few conversions that tables and JSON are made of. stdio's printf
 * costs four times as much a row, which is felt at sixty thousand rows.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct out {
	FILE *file; /* borrowed */
	int error;  /* the first failure, a negative errno; nothing is written after it */
	size_t len;
	char buf[1 << 15];
};

#define OUT_HEX_MAX 16 /* most characters of a number in hexadecimal, */
#define OUT_DEC_MAX 20 /* and in decimal */

void out_init(struct out *out, FILE *file);

/* Hands everything to the file and the file to the kernel. 0, or the first error of all. */
int out_flush(struct out *out);

void out_write(struct out *out, const char *s, size_t len);
void out_fill(struct out *out, char c, size_t n);

/* Conversions into a buffer of OUT_HEX_MAX or OUT_DEC_MAX; they return the characters written. */
size_t out_format_hex(char *buf, uint64_t value);
size_t out_format_dec(char *buf, uint64_t value);

static inline void out_str(struct out *out, const char *s)
{
	out_write(out, s, strlen(s));
}

static inline void out_char(struct out *out, char c)
{
	out_write(out, &c, 1);
}

static inline void out_dec(struct out *out, uint64_t value)
{
	char buf[OUT_DEC_MAX];

	out_write(out, buf, out_format_dec(buf, value));
}

static inline void out_hex(struct out *out, uint64_t value)
{
	char buf[OUT_HEX_MAX];

	out_write(out, buf, out_format_hex(buf, value));
}
