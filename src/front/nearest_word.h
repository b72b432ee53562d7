/* SPDX-License-Identifier: MIT */
/*
 * What a mistyped word was most likely meant to be.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct nearest {
	const char *word;
	size_t len;
	char best[64]; /* empty: no word is near */
	unsigned cost;
};

/* `word` is borrowed. */
void nearest_init(struct nearest *nearest, const char *word, size_t len);

/* Keeps the candidate where it is nearer than those before it. */
void nearest_try(struct nearest *nearest, const char *candidate);

/* -EINVAL and a line that `name` is not known. */
int unknown_word(const char *what, const char *name, size_t len, struct error *err);

/* With what was meant, or, where nothing is near, with what helps. `of` may be empty. */
int unknown_word_near(const char *what, const struct nearest *nearest, const char *of, const char *help,
		      struct error *err);
