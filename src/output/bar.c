/* SPDX-License-Identifier: MIT */
#include "output/bar.h"

#include <string.h>

#include "base/mem.h"

#define EIGHTHS 8

/* Kinds that share a colour have different blocks. */
static const struct fill_info {
	char letter;
	const char *block;
	const char *name;   /* NULL: the kind's */
	const char *colour; /* likewise */
} fills[N_FILLS] = {
	[FILL_KIND + KIND_TEXT] = { 't', "█" },
	[FILL_KIND + KIND_RODATA] = { 'r', "█" },
	[FILL_KIND + KIND_RELRO] = { 'R', "▓" },
	[FILL_KIND + KIND_DATA] = { 'd', "█" },
	[FILL_KIND + KIND_BSS] = { 'b', "▓" },
	[FILL_KIND + KIND_HEAP] = { 'h', "█" },
	[FILL_KIND + KIND_STACK] = { 's', "█" },
	[FILL_KIND + KIND_GUARD] = { 'g', "░" },
	[FILL_KIND + KIND_ANON] = { 'a', "█" },
	[FILL_KIND + KIND_JIT] = { 'j', "▓" },
	[FILL_KIND + KIND_SHM] = { 'm', "▓" },
	[FILL_KIND + KIND_FILE] = { 'f', "▒" },
	[FILL_KIND + KIND_DEVICE] = { 'D', "▒" },
	[FILL_KIND + KIND_VDSO] = { 'v', "▓" },
	[FILL_KIND + KIND_RESERVED] = { '.', "░" },
	[FILL_PRIVATE] = { 'O', "█", "private", NULL },
	[FILL_SHARED] = { 'o', "▓", "shared", NULL },
	[FILL_SWAPPED] = { 's', "▒", "swapped", NULL },
	[FILL_ABSENT] = { '.', "░", "not in memory", NULL },
	[FILL_UNUSED] = { '.', "░", "unused", NULL },
	[FILL_USED] = { 'U', "█", "used", "31" },
	[FILL_CACHED] = { 'c', "▓", "cached", "35" },
	[FILL_PINNED] = { 'p', "▒", "pinned", "33" },
	[FILL_RETURNABLE] = { 'r', "▒", "returnable by malloc_trim(3)", "32" },
	[FILL_SPARE] = { 'e', "▒", "free at the end of a thread's arena", "36" },
	[FILL_IDLE] = { '.', "░", "free, not in memory", NULL },
	[FILL_UNREAD] = { '?', "?", "not walked", NULL },
};

static const char *const partial[EIGHTHS] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };

static const char *fill_name(enum fill fill)
{
	return fills[fill].name ? fills[fill].name : kinds[fill].name;
}

/* ---- sizes ---- */

static size_t square_root(double number)
{
	size_t root = 0;

	for (size_t bit = (size_t)1 << 15; bit > 0; bit /= 2)
		if ((double)(root + bit) * (double)(root + bit) <= number)
			root += bit;
	return root;
}

size_t bar_length(uint64_t size, uint64_t largest, size_t columns)
{
	double most = (double)(columns * EIGHTHS);

	if (size >= largest)
		return columns * EIGHTHS;
	return MAX(square_root((double)size / (double)largest * most * most), 1u);
}

void bar_share(const struct bar_part *parts, size_t n, size_t columns, size_t *widths)
{
	double total = 0;
	double sum = 0;
	size_t n_some = 0;
	size_t least, at = 0;

	for (size_t i = 0; i < n; i++) {
		n_some += parts[i].size > 0;
		total += (double)parts[i].size;
	}
	least = 2 * n_some <= columns || (n_some <= columns && n_some <= 3) ? 1 : 0;
	columns -= least * n_some;
	for (size_t i = 0; i < n; i++) {
		size_t end;

		sum += (double)parts[i].size;
		end = total > 0 ? (size_t)(sum / total * (double)columns + 0.5) : 0;
		widths[i] = end - at + (parts[i].size > 0 ? least : 0);
		at = end;
	}
}

/* ---- drawing ---- */

/* Words of a kind may be underlined or reversed; blocks are not. */
static void begin_colour(struct out *out, enum fill fill)
{
	const char *colour = fills[fill].name ? fills[fill].colour : kinds[fill].colour;
	size_t len = colour ? strlen(colour) : 0;

	if (len > 2 && (strcmp(colour + len - 2, ";4") == 0 || strcmp(colour + len - 2, ";7") == 0))
		len -= 2;
	out_str(out, "\033[");
	out_write(out, colour ? colour : "0", colour ? len : 1);
	out_char(out, 'm');
}

static void put_fill(struct out *out, enum fill fill, size_t columns, bool has_letters,
		     const struct table_style *style)
{
	if (style->colour && columns > 0)
		begin_colour(out, fill);
	for (size_t i = 0; i < columns; i++)
		if (style->is_utf8 && !has_letters)
			out_str(out, fills[fill].block);
		else
			out_char(out, fills[fill].letter);
	if (style->colour && columns > 0)
		out_str(out, "\033[0m");
}

/* Draws one fill, to an eighth of a column. */
static size_t put_smooth(struct out *out, enum fill fill, size_t eighths, const struct table_style *style)
{
	if (style->colour)
		begin_colour(out, fill);
	for (size_t i = 0; i < eighths / EIGHTHS; i++)
		out_str(out, "█");
	out_str(out, partial[eighths % EIGHTHS]);
	if (style->colour)
		out_str(out, "\033[0m");
	return (eighths + EIGHTHS - 1) / EIGHTHS;
}

/* There are more kinds, and more parts of malloc's heap, than shades. */
static bool is_told_by_colour(enum fill fill)
{
	return fill < FILL_PRIVATE || fill >= FILL_USED;
}

/* Without colours, the shade of a block would not distinguish kinds either. */
static bool is_smooth(const struct bar_part *parts, size_t n, const struct table_style *style)
{
	enum fill fill = parts[0].fill;

	if (!style->is_utf8 || n > 1)
		return false;
	return strcmp(fills[fill].block, "█") == 0 ||
	       (!style->colour && is_told_by_colour(fill) && strcmp(fills[fill].block, "░") != 0);
}

/* Kinds side by side differ by colour or, without it, by letters. */
static bool has_letters(const struct bar_part *parts, size_t n, const struct table_style *style)
{
	return !style->is_utf8 || (!style->colour && n > 1 && is_told_by_colour(parts[0].fill));
}

size_t bar_put(struct out *out, const struct bar_part *parts, size_t n, size_t eighths,
	       const struct table_style *style)
{
	size_t columns = MAX((eighths + EIGHTHS / 2) / EIGHTHS, 1u);
	bool are_letters = has_letters(parts, n, style);
	_cleanup_free_ size_t *widths = mem_array(n, sizeof(*widths));

	if (is_smooth(parts, n, style))
		return put_smooth(out, parts[0].fill, eighths, style);
	bar_share(parts, n, columns, widths);
	for (size_t i = 0; i < n; i++)
		put_fill(out, parts[i].fill, widths[i], are_letters, style);
	return columns;
}

/* ---- legend ---- */

void bar_legend_add(struct bar_legend *legend, const struct bar_part *parts, size_t n,
		    const struct table_style *style)
{
	for (size_t i = 0; i < n; i++)
		if (parts[i].size > 0 &&
		    (style->colour || !is_told_by_colour(parts[i].fill) || has_letters(parts, n, style)))
			legend->fills |= UINT64_C(1) << parts[i].fill;
}

void bar_put_legend(struct out *out, const struct bar_legend *legend, size_t width,
		    const struct table_style *style)
{
	size_t at = 0;

	for (enum fill fill = 0; fill < N_FILLS; fill++) {
		size_t len = strlen(fill_name(fill)) + 2;
		bool is_letter = !style->colour && is_told_by_colour(fill);

		if (!(legend->fills & UINT64_C(1) << fill))
			continue;
		if (at > 0 && at + 2 + len > width) {
			out_char(out, '\n');
			at = 0;
		}
		out_fill(out, ' ', at > 0 ? 2 : 0);
		at += len + (at > 0 ? 2 : 0);
		put_fill(out, fill, 1, is_letter, style);
		out_char(out, ' ');
		out_str(out, fill_name(fill));
	}
	if (at > 0)
		out_char(out, '\n');
}
