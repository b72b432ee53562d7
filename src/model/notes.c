/* SPDX-License-Identifier: MIT */
#include "model/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void notes_done(struct notes *notes)
{
	for (size_t i = 0; i < notes->n; i++) {
		free(notes->items[i].text);
		free(notes->items[i].kept);
	}
	free(notes->items);
	*notes = (struct notes){ 0 };
}

static void _printf_(4, 0)
	add_note(struct notes *notes, const char *code, bool is_warning, const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		mem_exhausted();
	mem_grow(notes->items, notes->n, notes->cap);
	notes->items[notes->n++] = (struct note){ .code = code, .text = text, .is_warning = is_warning };
}

void notes_warn(struct notes *notes, const char *code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_note(notes, code, true, fmt, ap);
	va_end(ap);
}

void notes_add(struct notes *notes, const char *code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_note(notes, code, false, fmt, ap);
	va_end(ap);
}

bool notes_have(const struct notes *notes, const char *code)
{
	for (size_t i = 0; i < notes->n; i++)
		if (strcmp(notes->items[i].code, code) == 0)
			return true;
	return false;
}

void notes_restore(struct notes *notes, const char *code, const char *text, bool is_warning)
{
	struct note note = {
		.kept = mem_copy(code, strlen(code)),
		.text = mem_copy(text, strlen(text)),
		.is_warning = is_warning,
	};

	note.code = note.kept;
	mem_grow(notes->items, notes->n, notes->cap);
	notes->items[notes->n++] = note;
}

void notes_move(struct notes *notes, struct notes *from)
{
	for (size_t i = 0; i < from->n; i++) {
		mem_grow(notes->items, notes->n, notes->cap);
		notes->items[notes->n++] = from->items[i];
	}
	from->n = 0;
	notes_done(from);
}
