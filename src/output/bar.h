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
	FILL_USED,   /* of malloc's heap, */
	FILL_CACHED, /* and so on */
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

/* Eighths of a column: `columns` of them for `largest`, and for others as the square root of their size; 1 at least. */
size_t bar_length(uint64_t size, uint64_t largest, size_t columns);

/*
 * Divides columns among `n` sizes. Each that is not 0 has one where at least half of the columns are left then, or
 * where these sizes are three at most and there are as many columns; what is left is divided by size.
 */
void bar_share(const struct bar_part *parts, size_t n, size_t columns, size_t *widths);

/* Draws parts, one after the other, that take so many eighths of a column. Returns the columns that it took. */
size_t bar_put(struct out *out, const struct bar_part *parts, size_t n, size_t eighths,
	       const struct table_style *style);

/* Which fills need to be explained, since they were drawn. */
struct bar_legend {
	uint64_t fills; /* 1 << FILL_... */
};

/* Where kinds have no colour and a bar has but one, its line says which. */
void bar_legend_add(struct bar_legend *legend, const struct bar_part *parts, size_t n,
		    const struct table_style *style);

/* Each with its name, in lines of that width. */
void bar_put_legend(struct out *out, const struct bar_legend *legend, size_t width,
		    const struct table_style *style);
