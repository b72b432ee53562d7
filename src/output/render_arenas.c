/* SPDX-License-Identifier: MIT */
#include "output/render_arenas.h"

#include "base/text.h"
#include "output/bar.h"
#include "output/cell_text.h"
#include "output/wrap_text.h"
#include "views/rows.h"

#define N_PARTS 7
#define BAR_MIN 8

struct arena_widths {
	size_t name, size, bar;
};

static const struct arena_row *arena_at(const struct view *view, size_t i)
{
	return rows_get(&view->rows, i).data;
}

/* If the state of pages is not known, all free memory counts as idle. */
static void list_parts(const struct heap_arena *arena, struct bar_part parts[N_PARTS])
{
	uint64_t free = arena->free + arena->top;
	uint64_t pinned = MIN(known_or_zero(arena->pinned), free);
	uint64_t returnable = MIN(known_or_zero(arena->returnable), free - pinned);
	uint64_t spare = MIN(known_or_zero(arena->spare), free - pinned - returnable);

	parts[0] = (struct bar_part){ arena->used, FILL_USED };
	parts[1] = (struct bar_part){ arena->cached, FILL_CACHED };
	parts[2] = (struct bar_part){ pinned, FILL_PINNED };
	parts[3] = (struct bar_part){ returnable, FILL_RETURNABLE };
	parts[4] = (struct bar_part){ spare, FILL_SPARE };
	parts[5] = (struct bar_part){ free - pinned - returnable - spare, FILL_IDLE };
	parts[6] = (struct bar_part){ arena->unwalked, FILL_UNREAD };
}

static void measure(const struct view *view, const struct table_style *style, struct arena_widths *widths)
{
	size_t width = style->width > 0 ? style->width : WIDTH_ELSEWHERE;
	char buf[OUT_SHORT];

	*widths = (struct arena_widths){ strlen("ARENA"), strlen("SYSTEM"), BAR_MIN };
	for (size_t i = 0; i < view->rows.n; i++) {
		const struct arena_row *row = arena_at(view, i);

		widths->name = MAX(widths->name, strlen(row->name));
		widths->size =
			MAX(widths->size, format_number(buf, CELL_SIZE, row->arena->system, style->bytes));
	}
	if (width > widths->name + widths->size + 3 + BAR_MIN)
		widths->bar = width - widths->name - widths->size - 3;
}

static void put_arena(struct out *out, const struct arena_row *row, const struct arena_widths *widths,
		      uint64_t largest, const struct table_style *style)
{
	char size[OUT_SHORT];
	size_t len = format_number(size, CELL_SIZE, row->arena->system, style->bytes);
	struct bar_part parts[N_PARTS];

	out_str(out, row->name);
	out_fill(out, ' ', widths->name - strlen(row->name) + 1 + widths->size - len);
	out_write(out, size, len);
	out_str(out, style->is_utf8 ? " │" : " |");
	list_parts(row->arena, parts);
	if (row->arena->system > 0)
		bar_put(out, parts, N_PARTS, bar_length(row->arena->system, largest, widths->bar), style);
	out_char(out, '\n');
}

void render_arenas(struct out *out, const struct view *view, const struct layout *layout)
{
	const struct table_style *style = layout->style;
	size_t n = view->rows.n - view->rows.n_sums; /* without the sum, whose bar would be the longest */
	struct arena_widths widths;
	struct bar_legend legend = { 0 };
	uint64_t largest = 1;

	if (n == 0)
		return;
	measure(view, style, &widths);
	for (size_t i = 0; i < n; i++) {
		struct bar_part parts[N_PARTS];

		list_parts(arena_at(view, i)->arena, parts);
		bar_legend_add(&legend, parts, N_PARTS, style);
		largest = MAX(largest, arena_at(view, i)->arena->system);
	}
	out_str(out, style->colour ? "\033[1mARENA" : "ARENA");
	out_fill(out, ' ', widths.name + 1 + widths.size - strlen("ARENASYSTEM"));
	out_str(out, style->colour ? "SYSTEM\033[0m\n" : "SYSTEM\n");
	for (size_t i = 0; i < n; i++)
		put_arena(out, arena_at(view, i), &widths, largest, style);
	out_wrapped(out, BAR_SCALE, 0, 0, widths.name + widths.size + 3 + widths.bar);
	out_char(out, '\n');
	bar_put_legend(out, &legend, widths.name + widths.size + 3 + widths.bar, style);
}
