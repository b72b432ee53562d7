/* SPDX-License-Identifier: MIT */
/*
 * The text of /proc/PID/maps (proc(5), and show_map_vma() in the kernel's fs/proc/task_mmu.c).
 * Pure: text in, mappings out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/facts.h"

/*
 * What to do with a mapping that begins below the end of the one before it. The kernel writes
 * a few pages of text at a time and lets the process go on in between, so what was just
 * reported may have merged with its successor and be reported again.
 */
enum overlap {
	OVERLAP_REFUSE, /* -ESTALE: the caller reads again */
	OVERLAP_SETTLE, /* the newer report wins; what is left of the older one stays */
};

#define MAPS_ADDRESS_LEN 12 /* characters of most addresses of 64-bit programs */

/*
 * Appends mappings to facts. A mapping mostly begins where the one before it ended, and belongs to
 * the same object, so the parser keeps both from the last line.
 */
struct maps_parser {
	struct facts *facts; /* borrowed */
	enum overlap overlap;
	size_t n_taken; /* mappings, including those that settling has removed since */
	uint32_t object;
	uint64_t end;
	char end_text[MAPS_ADDRESS_LEN]; /* only if has_end_text: an address may have another length */
	bool has_end_text;
};

void maps_parser_init(struct maps_parser *parser, struct facts *facts, enum overlap overlap);

/*
 * Appends the mapping of the line at *p and moves *p past that line. The text ends with a newline
 * right before `end`. 0; -EBADMSG: the line is not a mapping; or -ESTALE (see above).
 */
int maps_parser_take(struct maps_parser *parser, const char **p, const char *end) _must_check_;

/*
 * Appends the mappings of all whole lines in a piece of text. *ret_used is how many bytes they took
 * up; the next piece must begin with the rest. Errors as for maps_parser_take().
 */
int maps_parser_feed(struct maps_parser *parser, const char *text, size_t len, size_t *ret_used,
		     struct error *err) _must_check_;
