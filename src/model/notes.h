/* SPDX-License-Identifier: MIT */
/*
 * Notes for the reader of the result: what could not be read, or is good to know.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

struct note {
	const char *code;
	char *text;
	char *kept;	 /* the code, where it is no constant */
	bool is_warning; /* something that was asked for could not be read */
};

struct notes {
	struct note *items;
	size_t n, cap;
};

void notes_done(struct notes *notes);

/*
 * Notes what could not be read; or, as a remark, what is good to know. `code` is a constant for
 * scripts, the rest one line for people.
 */
void notes_warn(struct notes *notes, const char *code, const char *fmt, ...) _printf_(3, 4);
void notes_add(struct notes *notes, const char *code, const char *fmt, ...) _printf_(3, 4);

/* Whether there is a note of that code. */
bool notes_have(const struct notes *notes, const char *code);

/* A note that was written down before; both texts are copied. */
void notes_restore(struct notes *notes, const char *code, const char *text, bool is_warning);

/* Moves all notes of `from` behind those of another, and leaves none. */
void notes_move(struct notes *notes, struct notes *from);
