/* SPDX-License-Identifier: MIT */
/*
 * Makes bytes of unknown origin fit to print. File names, command names and labels can be any bytes
 * at all; nothing here trusts them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

/*
 * Decodes one character of strict UTF-8 (no surrogates, nothing overlong or above U+10FFFF) from
 * `len` > 0 bytes. Returns the number of bytes it took and sets *ret; 0: they are not UTF-8.
 */
size_t text_decode(const char *s, size_t len, uint32_t *ret);

bool text_is_utf8(const char *s, size_t len) _pure_;

/* Whether all bytes are printable ASCII other than the backslash: nothing to escape anywhere. */
bool text_is_plain(const char *s, size_t len) _pure_;

/*
 * Whether a character could move the cursor, colour, reorder or hide what a terminal shows: control
 * characters (C0, DEL, C1), line separators, and invisible format characters, including those that
 * change the direction of writing.
 */
bool text_is_unsafe(uint32_t c) _pure_;

/* The user's locale determines how wide characters are, and whether UTF-8 may be printed at all. */
bool text_locale_is_utf8(void);

enum text_escape {
	TEXT_TABLE, /* unsafe characters and invalid UTF-8 become \xNN, byte by byte; "\x" becomes "\x5cx" */
	TEXT_UTF8,  /* the same, but UTF-8 stays as it is whatever the locale: for documents in UTF-8 */
	TEXT_RAW,   /* like TEXT_TABLE, and blanks and backslashes as well: one field for awk */
};

/* A copy of the text that is safe to print; the caller frees it. */
char *text_escape(const char *s, size_t len, enum text_escape how);

/* The terminal columns that the first character of a text takes, and its length in bytes. */
size_t text_char_width(const char *s, size_t len, size_t *ret_bytes);

/* How much of a text to keep: no more than `max` bytes, and no part of a character of UTF-8. */
size_t text_cut(const char *s, size_t len, size_t max) _pure_;

/* The terminal columns that an escaped text takes. */
size_t text_width(const char *s);

/*
 * A copy of an escaped text, shortened to at most `width` columns: a mark replaces its beginning,
 * since the end of a path says more, or, with `keeps_start`, its end. `width` is at least 1. The
 * caller frees the copy.
 */
char *text_shorten(const char *s, size_t width, bool keeps_start);

/*
 * A human-readable size, in powers of 1024 with one decimal below 100: "288B", "4K", "2.1M".
 * Returns the number of characters written, at most 6.
 */
size_t text_size(char *buf, uint64_t bytes);

/* Bytes as hexadecimal digits; the caller frees the text. */
char *text_hex(const void *bytes, size_t len);

/* A device number as in /proc/PID/maps: "fe:00". Returns the number of characters written, at most 17. */
size_t text_device(char *buf, uint32_t major, uint32_t minor);

/* Parses the whole of `s` as a number; false if it is not one. */
bool text_parse_u64(const char *s, int base, uint64_t *ret);
