/* SPDX-License-Identifier: MIT */
/*
 * How users write numbers, addresses and queries.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum number { IS_NO_NUMBER, IS_NUMBER, IS_TOO_LARGE };

/*
 * Parses a number: hexadecimal after 0x, with a letter among the digits, or with a leading zero, as
 * nm and maps print addresses; else decimal. A name does not begin with a digit.
 */
enum number query_number(const char *text, size_t len, uint64_t *ret);

/* Parses text that can only be an address: hexadecimal, with 0x or, as in tables, without. */
bool query_address(const char *text, size_t len, uint64_t *ret);

/* The parts of a query; they point into its text. */
struct query {
	const char *module; /* NULL: any */
	size_t module_len;
	const char *what; /* address or symbol */
	size_t what_len;
	uint64_t offset;
};

/*
 * Parses "0x7f00", "7f00a", "4096", "SYMBOL", "MODULE:SYMBOL", "MODULE:0x9ab", each optionally with
 * "+OFFSET" after it. False if there is no address or symbol in it.
 */
bool query_parse(const char *text, struct query *ret);

/* Whether a query asks about a symbol, or begins with a digit and is an address. */
bool query_is_valid(const char *text);
