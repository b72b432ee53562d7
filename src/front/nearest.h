/* SPDX-License-Identifier: MIT */
/*
 * What a mistyped word was most likely meant to be.
 */
#pragma once

#include <stddef.h>

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
