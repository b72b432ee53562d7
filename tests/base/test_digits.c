/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digits.h"

static const uint64_t edges[] = {
	0,
	1,
	9,
	10,
	15,
	16,
	99,
	100,
	255,
	256,
	4095,
	0xffffffff,
	0x100000000,
	0x7ffc1891b000,
	9999999999999999999u,
	10000000000000000000u,
	UINT64_MAX / 10,
	UINT64_MAX - 1,
	UINT64_MAX,
};

#define N_RANDOM 100000

/* Numbers of all lengths. The same ones in each run. */
static uint64_t next_number(void)
{
	static uint64_t state = 1;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> (state & 63);
}

/* Copies a text to a block of exactly its size, so that a sanitizer sees reads past its end. */
static char *copy(const char *text, size_t len)
{
	char *block = malloc(len);

	cr_assert_not_null(block);
	return memcpy(block, text, len);
}

/* A number is formatted as printf() formats it, and every parser reads it back. */
static void expect_round_trip(uint64_t number)
{
	char hex[DIGITS_HEX_MAX + 2] = "", dec[DIGITS_DEC_MAX + 2] = "", expected[32];
	size_t hex_len = digits_format_hex(hex, number);
	size_t dec_len = digits_format_dec(dec, number);
	uint64_t got = ~number;

	hex[hex_len] = dec[dec_len] = '\n';
	snprintf(expected, sizeof(expected), "%" PRIx64 "\n", number);
	cr_assert(hex_len == strlen(expected) - 1 && memcmp(hex, expected, hex_len) == 0, "%s", expected);
	cr_assert(digits_parse_hex(hex, &got) == hex + hex_len && got == number, "%s", expected);
	got = ~number;
	cr_assert(digits_parse_long_hex(hex, hex + hex_len + 1, &got) == hex + hex_len && got == number, "%s",
		  expected);
	snprintf(expected, sizeof(expected), "%" PRIu64 "\n", number);
	cr_assert(dec_len == strlen(expected) - 1 && memcmp(dec, expected, dec_len) == 0, "%s", expected);
	got = ~number;
	cr_assert(digits_parse_dec(dec, &got) == dec + dec_len && got == number, "%s", expected);
}

Test(digits, letters_and_digits_of_ascii)
{
	static const char all[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	for (int c = 0; c < 256; c++)
		cr_expect_eq(is_letter_or_digit((char)c), memchr(all, c, sizeof(all) - 1) != NULL, "%d", c);
}

Test(digits, what_is_formatted_is_parsed)
{
	for (size_t i = 0; i < ARRAY_SIZE(edges); i++)
		expect_round_trip(edges[i]);
	for (size_t i = 0; i < N_RANDOM; i++)
		expect_round_trip(next_number());
}

/* ---- the fast and the slow way agree ---- */

/* A character: mostly a digit, or one that might be taken for a digit. */
static char next_char(void)
{
	static const char likely_chars[] = "0123456789abcdefABCDEF/:`g@ -";
	uint64_t number = next_number();

	if (number % 16 == 0)
		return (char)(number >> 8);
	if (number % 4 == 0)
		return likely_chars[number / 4 % (sizeof(likely_chars) - 1)];
	return "0123456789abcdef"[number / 4 % 16];
}

static void expect_same_hex(const char *text, size_t len)
{
	char *block = copy(text, len);
	uint64_t slow_value = 0, fast_value = 0;
	const char *slow = digits_parse_hex(block, &slow_value);
	const char *fast = digits_parse_long_hex(block, block + len, &fast_value);

	cr_assert(slow == fast && slow_value == fast_value, "%.*s", (int)len, text);
	free(block);
}

/* Any byte at each of up to twenty places, with digits before and after it. */
Test(digits, any_byte_among_hexadecimal_digits)
{
	static const char fillings[] = "0189af";

	for (size_t fill = 0; fillings[fill]; fill++)
		for (size_t len = 1; len <= 20; len++)
			for (size_t place = 0; place < len; place++)
				for (unsigned byte = 0; byte < 256; byte++) {
					char text[21];

					memset(text, fillings[fill], len);
					text[len] = '\n';
					text[place] = (char)byte;
					expect_same_hex(text, len + 1);
				}
}

Test(digits, random_text_as_hexadecimal)
{
	for (size_t i = 0; i < N_RANDOM; i++) {
		char text[24];
		size_t len = next_number() % (sizeof(text) - 1);

		for (size_t k = 0; k < len; k++)
			text[k] = next_char();
		text[len] = '\n';
		expect_same_hex(text, len + 1);
	}
}

/* One digit at a time: blanks, then a number that ends with the field. */
static bool parse_padded_slowly(const char *field, uint64_t *ret)
{
	char text[DIGITS_PADDED + 1];
	size_t blanks = 0;

	memcpy(text, field, DIGITS_PADDED);
	text[DIGITS_PADDED] = '\n';
	while (text[blanks] == ' ')
		blanks++;
	return digits_parse_dec(text + blanks, ret) == text + DIGITS_PADDED;
}

static void expect_same_padded(const char *field)
{
	char *block = copy(field, DIGITS_PADDED);
	uint64_t slow = 0, fast = 0;
	bool is_number = parse_padded_slowly(field, &slow);

	cr_assert_eq(digits_parse_padded(block, &fast), is_number, "\"%.8s\"", field);
	cr_assert(!is_number || slow == fast, "\"%.8s\"", field);
	free(block);
}

Test(digits, any_byte_in_a_padded_field)
{
	static const char *const fields[] = { "       0", "       7", "      10", "   12345",
					      "12345678", "99999999", "00000012", "        " };

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		for (size_t place = 0; place < DIGITS_PADDED; place++)
			for (unsigned byte = 0; byte < 256; byte++) {
				char field[DIGITS_PADDED + 1];

				strcpy(field, fields[i]);
				expect_same_padded(field);
				field[place] = (char)byte;
				expect_same_padded(field);
			}
}

Test(digits, random_padded_fields)
{
	for (size_t i = 0; i < N_RANDOM; i++) {
		char field[32];

		snprintf(field, sizeof(field), "%8" PRIu64, next_number() % 100000000);
		expect_same_padded(field);
		field[next_number() % DIGITS_PADDED] = next_char();
		field[next_number() % DIGITS_PADDED] = next_char();
		expect_same_padded(field);
	}
}

/* ---- text that is no number ---- */

Test(digits, text_without_a_number)
{
	static const char *const texts[] = { "", " 1", "-1", "+1", "x", "A", "\xff", "/", ":" };
	uint64_t value;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		cr_expect_null(digits_parse_dec(texts[i], &value), "%s", texts[i]);
		cr_expect_null(digits_parse_hex(texts[i], &value), "%s", texts[i]);
	}
	cr_expect_null(digits_parse_dec("a", &value));
}

Test(digits, numbers_above_64_bits)
{
	uint64_t value;

	cr_expect_null(digits_parse_hex("10000000000000000", &value));
	cr_expect_null(digits_parse_hex("00000000000000001", &value), "too many digits, whatever they are");
	cr_expect_null(digits_parse_dec("18446744073709551616", &value));
	cr_expect_null(digits_parse_dec("99999999999999999999", &value));
	cr_expect_null(digits_parse_dec("184467440737095516150", &value));
	cr_expect_null(digits_parse_dec("20000000000000000000", &value));
	cr_expect_null(digits_parse_dec("19999999999999999999", &value));
	cr_expect_null(digits_parse_dec("36893488147419103232", &value), "twice around");
	cr_expect_null(digits_parse_dec("00000000000000000001", &value));
	cr_expect_not_null(digits_parse_dec("0000000000000000007", &value));
	cr_expect_eq(value, 7);
}
