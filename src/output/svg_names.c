/* SPDX-License-Identifier: MIT */
#include "output/svg_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/text.h"

static char *with_name(const char *word, const struct object *object)
{
	const char *slash = object && object->name ? strrchr(object->name, '/') : NULL;

	if (!object || !object->name)
		return mem_format("%s", word);
	return mem_format("%s %s", word, slash ? slash + 1 : object->name);
}

static const char *word_for(const struct band *band)
{
	switch (band->type) {
	case BAND_GAP:
		return band->is_out_of_reach ? "kernel" : band->size > 0 ? "free" : "not shown";
	case BAND_MODULE:
		return band->is_program ? "program" : "library";
	case BAND_HEAP:
		return "heap";
	case BAND_ARENA:
		return "heap, arena";
	case BAND_STACK:
		return "stack";
	default:
		return band->kind < N_KINDS ? kinds[band->kind].name : "several kinds";
	}
}

static char *name_stack(const struct strip *strip, const struct band *band)
{
	const struct thread *thread =
		band->thread == NO_THREAD ? NULL : &strip->space->facts.threads[band->thread];

	if (!thread || band->growth != GROWS_NOT)
		return mem_format("stack");
	return mem_format("stack %d %.*s", thread->tid, (int)thread->comm_len,
			  thread->comm ? thread->comm : "");
}

char *svg_band_name(const struct strip *strip, const struct band *band)
{
	if (band->type == BAND_GAP || band->depth > 0)
		return mem_format("%s", word_for(band));
	if (band->type == BAND_MIXED || band->n_folded > 1)
		return mem_format("%s, %u together", word_for(band), band->n_folded);
	if (band->type == BAND_STACK)
		return name_stack(strip, band);
	if (band->type == BAND_HEAP || band->type == BAND_ARENA)
		return mem_format("%s", word_for(band));
	return with_name(word_for(band), region_name(strip->space, band_region(strip, band, 0)));
}

static char *growth_of(const struct band *band)
{
	char size[OUT_SHORT];
	const char *to = band->growth == GROWS_UP ? "higher" : "lower";
	const char *limit = band->room_limit == LIMIT_VIRTUAL ? " (ulimit -v)" :
			    band->room_limit == LIMIT_STACK   ? " (ulimit -s)" :
								"";

	if (band->room == UNKNOWN)
		return mem_format("grows to %s addresses", to);
	return mem_format("grows to %s addresses, %.*s left%s", to, (int)text_size(size, band->room), size,
			  limit);
}

char *svg_band_remark(const struct band *band)
{
	char size[OUT_SHORT];

	if (band->growth != GROWS_NOT)
		return growth_of(band);
	if (band->used != UNKNOWN)
		return mem_format("%.*s used", (int)text_size(size, band->used), size);
	if (band->type != BAND_GAP && band->reserved > 0)
		return mem_format("and %.*s reserved", (int)text_size(size, band->reserved), size);
	return NULL;
}
