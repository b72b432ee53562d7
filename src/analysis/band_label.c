/* SPDX-License-Identifier: MIT */
#include "analysis/band_label.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/text.h"

static char *copy_word(const char *word)
{
	return mem_copy(word, strlen(word));
}

static char *safe_name(const struct strip *strip, const char *name, size_t len)
{
	return text_escape(name, len, strip->is_utf8 ? TEXT_UTF8 : TEXT_TABLE);
}

/* A word of ours, followed by the last component of the object's name. */
static char *with_name(const struct strip *strip, const char *word, const struct object *object)
{
	size_t len = 0;
	const char *base = object ? object_base_name(object, &len) : NULL;
	_cleanup_free_ char *safe = base ? safe_name(strip, base, len) : NULL;

	return safe ? mem_format("%s %s", word, safe) : copy_word(word);
}

static char *label_gap(const struct strip *strip _unused_, const struct band *band)
{
	if (band->is_out_of_reach)
		return copy_word("kernel");
	return copy_word(band->size > 0 ? "free" : "not shown");
}

/* A name that looks like a library's needs no word before it. */
static char *label_library(const struct strip *strip, const struct object *object)
{
	size_t len = 0;
	const char *base = object ? object_base_name(object, &len) : NULL;

	if (base && memmem(base, len, ".so", 3))
		return safe_name(strip, base, len);
	return with_name(strip, "library", object);
}

static char *label_module(const struct strip *strip, const struct band *band)
{
	const struct object *object = region_name(strip->space, band_region(strip, band, 0));

	if (band->n_folded > 1)
		return mem_format("%u librar%s", band->n_modules, band->n_modules == 1 ? "y" : "ies");
	return band->is_program ? with_name(strip, "program", object) : label_library(strip, object);
}

static char *label_heap(const struct strip *strip _unused_, const struct band *band)
{
	return copy_word(band->n_folded > 1 ? "heaps" : "heap");
}

static char *label_arena(const struct strip *strip, const struct band *band)
{
	int32_t tid = band_region(strip, band, 0)->tid;

	if (band->n_folded > 1)
		return mem_format("heap, %u arenas", band->n_folded);
	return tid == NO_TID ? copy_word("heap, arena") : mem_format("heap, arena %" PRId32, tid);
}

/* The main thread has the process's name, which the user already knows. */
static char *label_stack(const struct strip *strip, const struct band *band)
{
	const struct facts *facts = &strip->space->facts;
	const struct thread *thread = band->thread == NO_THREAD ? NULL : &facts->threads[band->thread];
	_cleanup_free_ char *name =
		thread && thread->comm ? safe_name(strip, thread->comm, thread->comm_len) : NULL;

	if (band->n_folded > 1)
		return mem_format("%u thread stacks", band->n_folded);
	if (band->growth != GROWS_NOT)
		return copy_word("stack");
	if (!thread)
		return copy_word("stack, no thread");
	return mem_format("stack %" PRId32 "%s%s", thread->tid, name ? " " : "", name ? name : "");
}

static char *label_regions(const struct strip *strip, const struct band *band)
{
	const struct region *region = band_region(strip, band, 0);
	const char *kind = kinds[region->kind].name;

	if (band->depth > 0)
		return copy_word(kind);
	if (band->n_folded > 1)
		return mem_format("%s, %u regions", kind, band->n);
	return region->kind == KIND_VDSO && band->n > 1 ?
		       copy_word(kind) :
		       with_name(strip, kind, region_name(strip->space, region));
}

static char *label_mixed(const struct strip *strip, const struct band *band)
{
	uint64_t sizes[N_KINDS];
	enum kind largest = 0;

	band_sizes(strip, band, sizes);
	for (enum kind k = 0; k < N_KINDS; k++)
		if (k != KIND_RESERVED && sizes[k] > sizes[largest])
			largest = k;
	if (band->n_modules == 0)
		return mem_format("mostly %s, %u regions", kinds[largest].name, band->n);
	return mem_format("%u librar%s, %u more", band->n_modules, band->n_modules == 1 ? "y" : "ies",
			  band->n_folded - band->n_modules);
}

char *band_label(const struct strip *strip, const struct band *band)
{
	static char *(*const labels[])(const struct strip *, const struct band *) = {
		[BAND_GAP] = label_gap,	    [BAND_MODULE] = label_module, [BAND_HEAP] = label_heap,
		[BAND_ARENA] = label_arena, [BAND_STACK] = label_stack,	  [BAND_REGIONS] = label_regions,
		[BAND_MIXED] = label_mixed,
	};

	return labels[band->type](strip, band);
}

char *band_growth(const struct band *band)
{
	static const char *const limits[N_LIMITS] = {
		[LIMIT_VIRTUAL] = " (ulimit -v)",
		[LIMIT_STACK] = " (ulimit -s)",
	};
	const char *to = band->growth == GROWS_UP ? "higher" : "lower";
	char size[OUT_SHORT];

	if (band->growth == GROWS_NOT)
		return NULL;
	if (band->room == UNKNOWN)
		return mem_format("grows to %s addresses", to);
	return mem_format("grows to %s addresses, %.*s left%s", to, (int)text_size(size, band->room), size,
			  band->room_limit == N_LIMITS ? "" : limits[band->room_limit]);
}
