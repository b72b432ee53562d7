/* SPDX-License-Identifier: MIT */
#include "inspect/query.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/util.h"

#define HEXADECIMAL "0123456789abcdefABCDEF"

static bool has_hex_prefix(const char *text)
{
	return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

enum number query_number(const char *text, size_t len, uint64_t *ret)
{
	_cleanup_free_ char *copy = mem_copy(text, len);
	const char *digits = copy;
	int base = 10;

	if (copy[0] < '0' || copy[0] > '9')
		return IS_NO_NUMBER;
	if (has_hex_prefix(copy)) {
		digits += 2;
		base = 16;
	} else if ((copy[0] == '0' && copy[1]) || digits[strspn(digits, "0123456789")] != '\0') {
		base = 16;
	}
	if (digits[0] == '\0' || digits[strspn(digits, HEXADECIMAL)] != '\0')
		return IS_NO_NUMBER;
	/* The very last address is UNKNOWN; nothing is ever mapped there. */
	return text_parse_u64(digits, base, ret) && *ret != UNKNOWN ? IS_NUMBER : IS_TOO_LARGE;
}

/* The first colon at or after an index that is not part of a "::" in a C++ name. */
static const char *find_single_colon(const char *text, size_t from)
{
	for (const char *p = text + from; *p; p++)
		if (p[0] == ':' && p[1] != ':' && (p == text || p[-1] != ':'))
			return p;
	return NULL;
}

/* The colon between module and symbol, if any; the name of a memfd has a colon of its own. */
static const char *find_colon(const char *text)
{
	size_t len = strlen("memfd:");
	const char *colon = strncmp(text, "memfd:", len) == 0 ? find_single_colon(text, len) : NULL;

	return colon ? colon : find_single_colon(text, 0);
}

bool query_parse(const char *text, struct query *ret)
{
	const char *colon = find_colon(text);
	const char *plus = strrchr(text, '+');

	*ret = (struct query){ .what = text };
	if (colon) {
		ret->module = text;
		ret->module_len = (size_t)(colon - text);
		ret->what = colon + 1;
	}
	ret->what_len = strlen(ret->what);
	/* A file's name may have a plus sign in it, and so may a C++ name. */
	if (plus && plus > ret->what && query_number(plus + 1, strlen(plus + 1), &ret->offset) == IS_NUMBER)
		ret->what_len = (size_t)(plus - ret->what);
	return ret->what_len > 0;
}

bool query_is_valid(const char *query)
{
	struct query parts;
	uint64_t number;

	if (!query_parse(query, &parts))
		return false;
	if (*parts.what < '0' || *parts.what > '9')
		return true;
	return query_number(parts.what, parts.what_len, &number) == IS_NUMBER;
}

bool query_address(const char *text, size_t len, uint64_t *ret)
{
	_cleanup_free_ char *copy = mem_copy(text, len);
	const char *digits = has_hex_prefix(copy) ? copy + 2 : copy;

	/* strtoull() would accept a second 0x. */
	return digits[0] && digits[strspn(digits, HEXADECIMAL)] == '\0' && text_parse_u64(digits, 16, ret);
}
