/* SPDX-License-Identifier: MIT */
/*
 * Notes for the user: what could not be read, or is good to know.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

struct note {
	const char *code;
	char *text;
	char *kept;	 /* the code, if it is not a constant */
	bool is_warning; /* something that was asked for could not be read */
};

struct notes {
	struct note *items;
	size_t n, cap;
};

void notes_done(struct notes *notes);

/*
 * notes_warn() notes what could not be read, notes_add() what is good to know. `code` is a constant for
 * scripts, the text one line for people.
 */
void notes_warn(struct notes *notes, const char *code, const char *fmt, ...) _printf_(3, 4);
void notes_add(struct notes *notes, const char *code, const char *fmt, ...) _printf_(3, 4);

/* Whether there is a note with that code. */
bool notes_have(const struct notes *notes, const char *code);

/* Adds a note from a snapshot; both texts are copied. */
void notes_restore(struct notes *notes, const char *code, const char *text, bool is_warning);

/* Appends all notes of `from` to `notes`, and leaves `from` empty. */
void notes_move(struct notes *notes, struct notes *from);
