/* SPDX-License-Identifier: MIT */
#include "analysis/fold_name.h"

#include <ctype.h>
#include <string.h>

#include "base/digits.h"
#include "base/mem.h"
#include "model/facts.h"

#define RANDOM_LEN 6	 /* random characters, as from mkstemp(3), the Java virtual machine, JNA and libffi */
#define HASH_LEN 20	 /* nobody chooses a word of letters and digits this long */
#define HEX_DIGITS_MIN 4 /* the shortest part of a UUID */

struct word {
	size_t len, n_digits;
	bool is_hex;
	bool has_lower, has_upper;
};

static struct word scan_word(const char *s, size_t len)
{
	struct word word = { .is_hex = true };

	for (; word.len < len && is_letter_or_digit(s[word.len]); word.len++) {
		unsigned char c = (unsigned char)s[word.len];

		word.n_digits += is_digit((char)c);
		word.is_hex &= isxdigit(c) != 0;
		word.has_lower |= islower(c) != 0;
		word.has_upper |= isupper(c) != 0;
	}
	return word;
}

static bool is_made_up(const struct word *word)
{
	if (word->is_hex && word->len >= HEX_DIGITS_MIN && word->n_digits > 0)
		return true;
	return word->len >= HASH_LEN && word->n_digits > 0;
}

/* Where programs create files with generated names. */
static bool is_temporary(const char *name, size_t len)
{
	static const char *const directories[] = { "/tmp/", "/var/tmp/", "/dev/shm/", "/run/", "/memfd:" };

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		if (len > strlen(directories[i]) && memcmp(name, directories[i], strlen(directories[i])) == 0)
			return true;
	return false;
}

/* Whether the end of a word looks random: few programs choose such characters themselves. */
static bool ends_at_random(const char *s, size_t len)
{
	struct word end;

	if (len < RANDOM_LEN)
		return false;
	end = scan_word(s + len - RANDOM_LEN, RANDOM_LEN);
	return end.n_digits + end.has_lower + end.has_upper > 1 && (end.has_upper || end.n_digits > 0);
}

static char *put_mark(char *p, const char *begin)
{
	if (p == begin || p[-1] != '#')
		*p++ = '#';
	return p;
}

/* Replaces all numbers in a word. */
static char *put_word(char *p, const char *begin, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (is_digit(s[i]))
			p = put_mark(p, begin);
		else
			*p++ = s[i];
	}
	return p;
}

/* "ab/cdef….debug": the first byte of a build-id is a directory. */
static size_t build_id_len(const char *name, size_t len)
{
	static const char directory[] = "/.build-id/";
	const char *found = memmem(name, len, directory, strlen(directory));

	return found ? (size_t)(found - name) + strlen(directory) : len;
}

char *fold_name(const char *name, size_t len)
{
	char *folded = mem_alloc(len + 1);
	char *p = folded;
	bool is_random = is_temporary(name, len);
	size_t build_id;

	len = undeleted_len(name, len);
	build_id = build_id_len(name, len);
	for (size_t i = 0; i < len;) {
		struct word word = scan_word(name + i, len - i);

		if (word.len == 0) {
			if (name[i] != '#')
				*p++ = name[i];
			else
				p = put_mark(p, folded);
			i++;
			continue;
		}
		if (is_made_up(&word) || (i >= build_id && word.is_hex)) {
			p = put_mark(p, folded);
		} else if (is_random && ends_at_random(name + i, word.len)) {
			p = put_word(p, folded, name + i, word.len - RANDOM_LEN);
			p = put_mark(p, folded);
		} else {
			p = put_word(p, folded, name + i, word.len);
		}
		i += word.len;
	}
	*p = '\0';
	return folded;
}
