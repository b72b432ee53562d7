/* SPDX-License-Identifier: MIT */
/*
 * Bars made of characters: blocks where the locale has them, letters otherwise.
 */
#pragma once

#include "base/out.h"
#include "model/kind.h"
#include "output/table.h"

/* What a part of a bar is filled with: a kind of memory, or what has become of it. */
enum fill {
	FILL_KIND, /* to FILL_KIND + N_KINDS - 1 */
	FILL_PRIVATE = FILL_KIND + N_KINDS,
	FILL_SHARED,
	FILL_SWAPPED,
	FILL_ABSENT,
	FILL_UNUSED, /* of a stack, below the stack pointer */
	FILL_USED,   /* from here on: of malloc's heap */
	FILL_CACHED,
	FILL_PINNED,
	FILL_RETURNABLE,
	FILL_SPARE,
	FILL_IDLE,
	FILL_UNREAD,
	N_FILLS,
};

struct bar_part {
	uint64_t size;
	enum fill fill;
};

#define BAR_SCALE "A bar twice as long is four times as large."

/* In eighths of a column: all `columns` for `largest`, else by the square root of the size; at least 1. */
size_t bar_length(uint64_t size, uint64_t largest, size_t columns);

/*
 * Divides columns among `n` sizes. Each nonzero size first gets one column if that leaves at least half of
 * them, or if there are at most three such sizes and enough columns. The rest is divided by size.
 */
void bar_share(const struct bar_part *parts, size_t n, size_t columns, size_t *widths);

/* Draws the parts one after another, `eighths` of a column in all. Returns how many columns they take. */
size_t bar_put(struct out *out, const struct bar_part *parts, size_t n, size_t eighths,
	       const struct table_style *style);

/* The fills that were drawn and need to be explained. */
struct bar_legend {
	uint64_t fills; /* 1 << FILL_... */
};

/* A bar of one kind, drawn in blocks without colour, needs no entry: its line names the kind. */
void bar_legend_add(struct bar_legend *legend, const struct bar_part *parts, size_t n,
		    const struct table_style *style);

/* Each fill with its name, in lines of that width. */
void bar_put_legend(struct out *out, const struct bar_legend *legend, size_t width,
		    const struct table_style *style);
