/* SPDX-License-Identifier: MIT */
/*
 * Numbers as text, in the formats of /proc and of memmap's output. The fast functions take eight
 * digits at once, the slow ones take one at a time, with the same result.
 *
 * Text to parse must end in a character that is not a digit. Unless documented otherwise, a parser
 * returns a pointer to what follows the number, or NULL if there is no number or it does not fit
 * into 64 bits.
 */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/util.h"

#define DIGITS_HEX_MAX 16 /* most digits of a number in hexadecimal, */
#define DIGITS_DEC_MAX 20 /* and in decimal */

/* Multiplied by a byte: that byte in all eight places of a number. */
#define EACH_BYTE UINT64_C(0x0101010101010101)

/*
 * Format a number into a buffer of DIGITS_HEX_MAX bytes, all of which are overwritten, or of
 * DIGITS_DEC_MAX. Both return the length of the number.
 */
size_t digits_format_hex(char *buf, uint64_t value);
size_t digits_format_dec(char *buf, uint64_t value);

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* In ASCII, whatever the locale. */
static inline bool is_letter_or_digit(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

#define DIGITS_DEC_SMALLEST UINT64_C(10000000000000000000) /* with DIGITS_DEC_MAX digits */

/* Takes at most DIGITS_DEC_MAX digits; a number with that many must not begin with a zero. */
static inline const char *digits_parse_dec(const char *p, uint64_t *ret)
{
	const char *first = p;
	uint64_t value = 0;

	for (; is_digit(*p); p++)
		value = value * 10 + (uint64_t)(*p - '0');
	if (p == first || p - first > DIGITS_DEC_MAX)
		return NULL;
	/* A number that does not fit has wrapped around to less than the smallest one with so many digits. */
	if (unlikely(p - first == DIGITS_DEC_MAX) && (*first != '1' || value < DIGITS_DEC_SMALLEST))
		return NULL;
	*ret = value;
	return p;
}

#define DIGITS_BLANK (EACH_BYTE * ' ' + ((uint64_t)('0' - ' ') << 56)) /* "       0" */

#define DIGITS_PADDED 8 /* width of a number padded with blanks */

/*
 * Parses a decimal number at the right of a field of DIGITS_PADDED, padded with blanks. False:
 * there is none.
 */
static inline bool digits_parse_padded(const char *field, uint64_t *ret)
{
	uint64_t chars, digits, first, values;

	_Static_assert(sizeof(chars) == DIGITS_PADDED, "all at once");
	memcpy(&chars, field, sizeof(chars));
	/* Now the first character is in the lowest byte. */
	chars = le64toh(chars);
	if (chars == DIGITS_BLANK) {
		*ret = 0;
		return true;
	}
	/* Digits have the bit 0x10, blanks do not. The lowest such bit is that of the first digit. */
	digits = chars & EACH_BYTE * 0x10;
	first = digits & -digits;
	values = chars & EACH_BYTE * 0x0f;
	/* From the first digit on, all must be digits, 0x30 to 0x39; before it, all must be blanks, 0x20. */
	if (!digits || digits != (EACH_BYTE * 0x10 & -first) ||
	    (chars & EACH_BYTE * 0xe0) != EACH_BYTE * 0x20 || ((values + EACH_BYTE * 6) & EACH_BYTE * 0x10) ||
	    (values & ((first >> 4) - 1)))
		return false;
	values = (values * 10 + (values >> 8)) & 0x00ff00ff00ff00ff;
	values = (values * 100 + (values >> 16)) & 0x0000ffff0000ffff;
	*ret = (values * 10000 + (values >> 32)) & UINT32_MAX;
	return true;
}

/* ---- hexadecimal, with letters in lower case, as the kernel writes them ---- */

/* 1 + the value of a digit; 0 for other characters. */
extern const uint8_t digits_hex_values[256];

#define DIGITS_ONES (UINT64_MAX / 15) /* the hexadecimal digit 1, DIGITS_HEX_MAX times */

/*
 * Continues at `p` a number that begins at `first`. `value` has the digits so far, each of them one
 * too large: the ones are subtracted together at the end.
 */
static inline const char *digits_continue_hex(const char *first, const char *p, uint64_t value, uint64_t *ret)
{
	uint64_t digit;
	ptrdiff_t n;

	for (; (digit = digits_hex_values[(unsigned char)*p]) != 0; p++)
		value = (value << 4) + digit;
	n = p - first;
	if (n == 0 || n > DIGITS_HEX_MAX)
		return NULL;
	*ret = value - (DIGITS_ONES >> 4 * (DIGITS_HEX_MAX - n));
	return p;
}

/* Takes at most DIGITS_HEX_MAX digits. */
static inline const char *digits_parse_hex(const char *p, uint64_t *ret)
{
	return digits_continue_hex(p, p, 0, ret);
}

/*
 * Parses eight digits at once, the first in the lowest byte. '0' to '9' have the bits 0x30, letters
 * have 0x60; the lower half of a letter is nine less than its value.
 */
static inline bool digits_eight_hex(uint64_t chars, uint64_t *ret)
{
	uint64_t letters = chars >> 6 & EACH_BYTE;
	uint64_t digits = (chars & EACH_BYTE * 0x0f) + letters * 9;

	/* '0' to '9' must have values up to 9, letters from 10 to 15. */
	if ((chars & EACH_BYTE * 0xf0) != EACH_BYTE * 0x30 + letters * 0x30 ||
	    ((digits + (EACH_BYTE - letters) * 6) & EACH_BYTE * 0x10) ||
	    ((digits + letters * 6) & EACH_BYTE * 0x10) != letters << 4)
		return false;
	digits = (digits << 4 | digits >> 8) & 0x00ff00ff00ff00ff;
	digits = (digits << 8 | digits >> 16) & 0x0000ffff0000ffff;
	*ret = (digits << 16 | digits >> 32) & UINT32_MAX;
	return true;
}

/* Like digits_parse_hex(), but faster for eight digits or more. The text ends right before `end`. */
_always_inline_ static inline const char *digits_parse_long_hex(const char *p, const char *end, uint64_t *ret)
{
	uint64_t chars, value;

	if (end - p < (ptrdiff_t)sizeof(chars))
		return digits_parse_hex(p, ret);
	memcpy(&chars, p, sizeof(chars));
	if (!digits_eight_hex(le64toh(chars), &value))
		return digits_parse_hex(p, ret);
	return digits_continue_hex(p, p + sizeof(chars), value + (DIGITS_ONES >> 32), ret);
}
