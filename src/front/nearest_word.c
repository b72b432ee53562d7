/* SPDX-License-Identifier: MIT */
#include "front/nearest_word.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/util.h"

#define LEN_MAX 40 /* longer words are not compared */
#define FAR 100	   /* more than any word costs */

static char lower(char c)
{
	return (char)tolower((unsigned char)c);
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	return MIN(a, MIN(b, c));
}

/* How many letters are wrong, missing, too many, or swapped with their neighbour. */
static unsigned distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned rows[3][LEN_MAX + 1]; /* the last row but one, the last one, and this one */

	for (size_t j = 0; j <= m; j++)
		rows[1][j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		rows[2][0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			bool same = lower(a[i - 1]) == lower(b[j - 1]);

			rows[2][j] = least(rows[1][j] + 1, rows[2][j - 1] + 1, rows[1][j - 1] + !same);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				rows[2][j] = MIN(rows[2][j], rows[0][j - 2] + 1);
		}
		memcpy(rows[0], rows[1], sizeof(rows[0]));
		memcpy(rows[1], rows[2], sizeof(rows[1]));
	}
	return rows[1][m];
}

void nearest_init(struct nearest *nearest, const char *word, size_t len)
{
	*nearest = (struct nearest){ .word = word, .len = len, .cost = FAR };
}

/* A word that begins with the other one is near, too. */
static unsigned cost_of(const struct nearest *nearest, const char *candidate, size_t len)
{
	size_t shorter = MIN(nearest->len, len);
	unsigned cost;

	if (shorter >= 3 && strncasecmp(nearest->word, candidate, shorter) == 0)
		return nearest->len != len;
	cost = distance(nearest->word, nearest->len, candidate, len);
	return cost <= (shorter + 1) / 3 && cost < shorter ? cost : FAR;
}

void nearest_try(struct nearest *nearest, const char *candidate)
{
	size_t len = strlen(candidate);
	unsigned cost;

	if (nearest->len == 0 || len == 0 || nearest->len > LEN_MAX || len > LEN_MAX)
		return;
	cost = cost_of(nearest, candidate, len);
	if (cost < nearest->cost) {
		nearest->cost = cost;
		snprintf(nearest->best, sizeof(nearest->best), "%s", candidate);
	}
}

int unknown_word(const char *what, const char *name, size_t len, struct error *err)
{
	return error_set(err, -EINVAL, "unknown %s '%.*s'", what, (int)MIN(len, 64), name);
}

int unknown_word_near(const char *what, const struct nearest *nearest, const char *of, const char *help,
		      struct error *err)
{
	int len = (int)MIN(nearest->len, 64);

	if (*nearest->best)
		return error_set(err, -EINVAL, "unknown %s '%.*s'%s; did you mean '%s'?", what, len,
				 nearest->word, of, nearest->best);
	return error_set(err, -EINVAL, "unknown %s '%.*s'%s; %s", what, len, nearest->word, of, help);
}
