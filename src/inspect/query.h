/* SPDX-License-Identifier: MIT */
/*
 * How users write numbers, addresses and what they ask about.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum number { IS_NO_NUMBER, IS_NUMBER, IS_TOO_LARGE };

/*
 * Digits with a letter among them or a zero before them, as nm and maps have them, and all after 0x
 * are hexadecimal. A name begins with no digit.
 */
enum number query_number(const char *text, size_t len, uint64_t *ret);

/* Where nothing but an address can stand: hexadecimal, with 0x or, as in tables, without. */
bool query_address(const char *text, size_t len, uint64_t *ret);

/* A query in its parts, which point into it. */
struct query {
	const char *module; /* NULL: any */
	size_t module_len;
	const char *what; /* address or symbol */
	size_t what_len;
	uint64_t offset;
};

/*
 * "0x7f00", "7f00a", "4096", "SYMBOL", "MODULE:SYMBOL", "MODULE:0x9ab", each with "+OFFSET" after it, if need
 * be. False where nothing is asked about.
 */
bool query_parse(const char *text, struct query *ret);

/* Whether a query begins as an address does, and is one; or asks about a symbol. */
bool query_is_valid(const char *text);
