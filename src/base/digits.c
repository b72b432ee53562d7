/* SPDX-License-Identifier: MIT */
#include "base/digits.h"

const uint8_t digits_hex_values[256] = {
	['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
	['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

/* Converts a number to eight hexadecimal digits at once, one a byte, the first one first in memory. */
static inline uint64_t eight_digits(uint32_t value)
{
	uint64_t digits = value;
	uint64_t letters;

	digits = (digits & 0xffff) << 32 | digits >> 16;
	digits = (digits & 0x000000ff000000ff) << 16 | (digits >> 8 & 0x000000ff000000ff);
	digits = (digits & 0x000f000f000f000f) << 8 | (digits >> 4 & 0x000f000f000f000f);
	letters = (digits + EACH_BYTE * 6) >> 4 & EACH_BYTE;
	return htole64(digits + EACH_BYTE * '0' + letters * ('a' - '0' - 10));
}

size_t digits_format_hex(char *buf, uint64_t value)
{
	size_t n = value ? (size_t)(67 - __builtin_clzll(value)) / 4 : 1;
	uint64_t left = value << 4 * (DIGITS_HEX_MAX - n);
	uint64_t digits[] = { eight_digits((uint32_t)(left >> 32)), eight_digits((uint32_t)left) };

	_Static_assert(sizeof(digits) == DIGITS_HEX_MAX, "all of the buffer");
	memcpy(buf, digits, sizeof(digits));
	return n;
}

static size_t count_digits(uint64_t value)
{
	size_t n = 1;

	for (uint64_t least = 10; value >= least && n < DIGITS_DEC_MAX; least *= 10)
		n++;
	return n;
}

size_t digits_format_dec(char *buf, uint64_t value)
{
	size_t n = count_digits(value);

	for (size_t i = n; i > 0; i--, value /= 10)
		buf[i - 1] = (char)('0' + value % 10);
	return n;
}
