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

/* Keeps the candidate if it is nearer than those before it. */
void nearest_try(struct nearest *nearest, const char *candidate);

/* -EINVAL, with a message that `name` is unknown. */
int unknown_word(const char *what, const char *name, size_t len, struct error *err);

/* Likewise; the message suggests the nearest word, or ends with `help` if none is near. `of` may be empty. */
int unknown_word_near(const char *what, const struct nearest *nearest, const char *of, const char *help,
		      struct error *err);
