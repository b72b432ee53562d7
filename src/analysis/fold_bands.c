/* SPDX-License-Identifier: MIT */
#include "analysis/fold_bands.h"

#include <stdlib.h>

#include "base/mem.h"

/* What everybody looks for. */
static bool is_landmark(const struct band *band)
{
	return band->is_program || band->type == BAND_HEAP || band->growth != GROWS_NOT ||
	       band->is_out_of_reach;
}

/* Merges a gap or another band into `to`. */
static void take_in(struct band *to, const struct band *band)
{
	to->end = band->end;
	to->sp = to->used = UNKNOWN;
	to->thread = NO_THREAD;
	if (band->type == BAND_GAP) {
		to->n_gaps++;
		return;
	}
	to->n_gaps += band->n_gaps;
	to->n = band->first + band->n - to->first;
	to->n_folded += band->n_folded;
	to->n_modules += band->n_modules;
	to->size += band->size;
	to->reserved += band->reserved;
	if (to->type != band->type || (to->type == BAND_REGIONS && to->kind != band->kind))
		to->type = BAND_MIXED;
	if (to->kind != band->kind)
		to->kind = N_KINDS;
}

/* ---- of one sort ---- */

static bool are_alike(const struct band *a, const struct band *b, bool over_gaps)
{
	/* How far each stack is used is worth a line of its own. */
	if (a->type == BAND_STACK && !over_gaps)
		return false;
	return a->type == b->type && a->type != BAND_MODULE && a->type != BAND_GAP && a->kind == b->kind &&
	       !is_landmark(a) && !is_landmark(b);
}

/*
 * The index of the next band like this one, at `i` or behind a gap there that is small or, with
 * `over_gaps`, of any size. strip->n: there is none.
 */
static size_t next_alike(const struct strip *strip, const struct band *band, size_t i, bool over_gaps)
{
	const struct band *next = &strip->bands[i];

	if (i < strip->n && are_alike(band, next, over_gaps))
		return i;
	if (i + 1 < strip->n && next->type == BAND_GAP && next->hidden == 0 &&
	    are_alike(band, next + 1, over_gaps) &&
	    (over_gaps || next->size <= MIN(band->size + band->reserved, next[1].size + next[1].reserved)))
		return i + 1;
	return strip->n;
}

static void fold_alike(struct strip *strip, bool over_gaps)
{
	size_t n = 0;

	for (size_t i = 0; i < strip->n;) {
		struct band band = strip->bands[i++];
		size_t next;

		while ((next = next_alike(strip, &band, i, over_gaps)) < strip->n)
			while (i <= next)
				take_in(&band, &strip->bands[i++]);
		strip->bands[n++] = band;
	}
	strip->n = n;
}

/* ---- of any sort ---- */

/* Gaps take no memory: they count as small up to a size at which any other band is large. */
#define GAP_SCALE 1024

static bool is_small(const struct band *band, uint64_t size)
{
	uint64_t of = band->type == BAND_GAP ? band->size / GAP_SCALE : band->size + band->reserved;

	return !is_landmark(band) && band->hidden == 0 && of < size;
}

/* The end of the run of small bands that begins at `i`, without a gap at its end. */
static size_t end_of_run(const struct strip *strip, size_t i, uint64_t size)
{
	while (i < strip->n && is_small(&strip->bands[i], size))
		i++;
	return i > 0 && strip->bands[i - 1].type == BAND_GAP ? i - 1 : i;
}

/*
 * Writes the folded bands to `to`, which may be the strip's own array, or NULL to count only.
 * Returns their number.
 */
static size_t fold_small(const struct strip *strip, uint64_t size, struct band *to)
{
	size_t n = 0;

	for (size_t i = 0; i < strip->n; n++) {
		struct band band = strip->bands[i];
		size_t end = band.type == BAND_GAP ? i : end_of_run(strip, i, size);

		for (i++; i < end; i++)
			take_in(&band, &strip->bands[i]);
		if (to)
			to[n] = band;
	}
	return n;
}

void fold_bands(struct strip *strip, const struct strip_budget *budget)
{
	uint64_t size = strip->space->facts.page_size;

	if (strip->n > budget->alike)
		fold_alike(strip, false);
	if (strip->n > budget->any)
		fold_alike(strip, true);
	if (strip->n <= budget->any)
		return;
	while (size <= UINT64_MAX / 2 && fold_small(strip, size, NULL) > budget->any)
		size *= 2;
	strip->n = fold_small(strip, size, strip->bands);
}
