/* SPDX-License-Identifier: MIT */
/* The address space as a picture for people; for scripts, one row per band. */
#include "analysis/band_label.h"
#include "output/render_layout.h"
#include "views/rows.h"
#include "views/views.h"

/* Above one screen of bands, neighbours of one kind are folded; above two, small ones of any kind. */
#define BANDS_OF_A_SCREEN 20
#define BANDS_OF_TWO 40

static const struct band *band_of(const struct row *row)
{
	return &((const struct band_row *)row->data)->band;
}

static struct strip strip_of(const struct row *row)
{
	return (struct strip){ .space = row->space, .regions = row->view->regions };
}

static struct cell get_kind(const struct column *column _unused_, const struct row *row)
{
	const struct band *band = band_of(row);

	return band->kind == N_KINDS ? cell_word(NULL) : cell_kind(band->kind);
}

static struct cell get_regions(const struct column *column _unused_, const struct row *row)
{
	return cell_number(band_of(row)->n);
}

static struct cell get_counter(const struct column *column, const struct row *row)
{
	const struct strip strip = strip_of(row);

	return cell_number(band_counter(&strip, band_of(row), column->counter));
}

static const char *const levels[] = { "band", "part" };

static const struct column band_columns[] = {
	{ "START", CELL_ADDRESS, .takes_every = true, .field = FIELD(struct band_row, band.start),
	  .help = "first address" },
	{ "END", CELL_ADDRESS, .yields = 8, .takes_every = true, .field = FIELD(struct band_row, band.end),
	  .help = "address after the last one" },
	{ "SIZE", CELL_SIZE, .field = FIELD(struct band_row, band.size),
	  .help = "bytes of its regions, without SETASIDE; of a gap: free bytes" },
	{ "SETASIDE", CELL_SIZE, .yields = 4, .field = FIELD(struct band_row, band.reserved),
	  .help = "further bytes, without access: guards, and room to grow into" },
	{ "HIDDEN", CELL_SIZE, .field = FIELD(struct band_row, band.hidden),
	  .help = "of a gap: bytes of regions that are not shown" },
	{ "LEVEL", CELL_WORD, .yields = 7, .field = FIELD(struct band_row, band.depth), .words = levels,
	  .help = "band, or part of the module above it" },
	{ "KIND", CELL_WORD, .yields = 5, .get = get_kind,
	  .help = "kind of its regions; - for several, and for gaps" },
	{ "REGIONS", CELL_NUMBER, .yields = 6, .get = get_regions, .help = "how many there are" },
	{ "WHAT", CELL_NAME, .shrinks = true, .keeps_start = true, .field = FIELD(struct band_row, label),
	  .help = "what it is: program, heap, free, and so on" },
	SUM_COUNTERS(COUNTER_COLUMN),
	TARGET_COLUMNS,
	{ 0 },
};

static void collect(const struct view *view, struct rows *rows)
{
	static const struct strip_budget folded = { BANDS_OF_A_SCREEN, BANDS_OF_TWO };
	static const struct strip_budget full = { 0, 0 };
	struct strip strip;
	struct band_row *lines;

	layout_build(&strip, view_space(view), view->regions, view->n_regions,
		     view->is_full ? &full : &folded);
	lines = mem_array(strip.n, sizeof(*lines));
	for (size_t i = 0; i < strip.n; i++) {
		lines[i].band = strip.bands[i];
		lines[i].label = rows_keep(rows, band_label(&strip, &strip.bands[i]));
	}
	rows_set(rows, lines, sizeof(*lines), strip.n, lines);
	layout_done(&strip);
}

#define VIEW_OF_BANDS                                                                         \
	.option = "--layout", .columns = band_columns,                                        \
	.usual = "START,END,SIZE,SETASIDE,LEVEL,KIND,REGIONS,WHAT",                           \
	.extended = "START,END,SIZE,SETASIDE,RSS,USS,SWAP,LEVEL,KIND,REGIONS,WHAT",           \
	.every = "START,END,SIZE,SETASIDE," ALL_COUNTERS ",LEVEL,KIND,REGIONS,WHAT",          \
	.identity = "START,END,WHAT", .needs = NEED_LIMITS | NEED_THREADS | NEED_ARENA_USERS, \
	.collect = collect, .json_parts = JSON_ALL

static const struct view_info view_bands = { VIEW_OF_BANDS };

const struct view_info view_layout = { VIEW_OF_BANDS, .put_picture = render_layout, .as_table = &view_bands };
