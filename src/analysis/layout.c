/* SPDX-License-Identifier: MIT */
#include "analysis/layout.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/band_growth.h"
#include "analysis/fold_bands.h"
#include "analysis/thread_stacks.h"
#include "base/mem.h"

/* ---- what joins what ---- */

static const struct object *region_object(const struct space *space, const struct region *region)
{
	return mapping_object(&space->facts, &space->facts.mappings[region->mapping]);
}

/* Whether it is the room that an arena has left, not other reserved address space. */
static bool is_rest_of_arena(const struct region *region)
{
	return region->kind == KIND_RESERVED &&
	       (region->basis == BASIS_THREAD || region->basis == BASIS_PATTERN);
}

/*
 * If no module is known, as in a map without its files, regions of a file that look like parts of a
 * module are taken for such. The vdso has an ELF image, too, but belongs to the kernel, like the
 * pages before it.
 */
static bool is_of_module(const struct space *space, const struct region *region)
{
	if (region->kind == KIND_VDSO)
		return false;
	return region->module != NO_MODULE ||
	       (region->kind < N_MODULE_KINDS && region_object(space, region)->name);
}

static bool are_of_one_module(const struct space *space, const struct region *a, const struct region *b)
{
	return a->module == b->module && is_of_module(space, a) && is_of_module(space, b) &&
	       (a->module != NO_MODULE || region_object(space, a) == region_object(space, b));
}

static enum band_type type_of(const struct space *space, const struct region *region)
{
	if (is_of_module(space, region))
		return BAND_MODULE;
	if (region->kind == KIND_STACK)
		return BAND_STACK;
	if (region->kind == KIND_HEAP)
		return is_brk_heap(space, region) ? BAND_HEAP : BAND_ARENA;
	return BAND_REGIONS;
}

/* Whether a region continues a band, whose last region so far is `last`. */
static bool joins(const struct strip *strip, const struct band *band, const struct region *last,
		  const struct region *region)
{
	enum band_type type = type_of(strip->space, region);

	if (band->type == BAND_MODULE || type == BAND_MODULE)
		return are_of_one_module(strip->space, last, region);
	if (strip->is_full || last->end != region->start)
		return false;
	if (type == BAND_STACK && last->kind == KIND_GUARD)
		return band->type == BAND_REGIONS;
	if (type == BAND_STACK || type == BAND_HEAP || type == BAND_ARENA)
		return band->type == type && last->kind == region->kind && last->tid == region->tid;
	if (band->type == BAND_ARENA)
		return is_rest_of_arena(region);
	if (band->type != BAND_REGIONS || last->kind != region->kind)
		return false;
	return region->kind == KIND_VDSO ||
	       region_object(strip->space, last) == region_object(strip->space, region);
}

static bool joins_part(const struct strip *strip, const struct region *last, const struct region *region)
{
	return !strip->is_full && last->end == region->start && last->kind == region->kind;
}

/* ---- bands ---- */

static struct band *push(struct strip *strip, uint64_t start, uint64_t end, enum band_type type)
{
	mem_grow(strip->bands, strip->n, strip->cap);
	strip->bands[strip->n] = (struct band){
		.start = start,
		.end = end,
		.type = type,
		.kind = N_KINDS,
		.n_folded = 1,
		.n_modules = type == BAND_MODULE,
		.room = UNKNOWN,
		.room_limit = N_LIMITS,
		.thread = NO_THREAD,
		.sp = UNKNOWN,
		.used = UNKNOWN,
	};
	return &strip->bands[strip->n++];
}

static bool is_set_aside(unsigned kind)
{
	return kind == KIND_RESERVED || kind == KIND_GUARD;
}

static void add_region(struct band *band, const struct region *region)
{
	uint64_t size = region->end - region->start;

	if (band->n++ == 0 || (is_set_aside(band->kind) && !is_set_aside(region->kind)))
		band->kind = region->kind;
	else if (!is_set_aside(region->kind) && band->kind != region->kind)
		band->kind = N_KINDS;
	band->end = region->end;
	*(is_set_aside(region->kind) ? &band->reserved : &band->size) += size;
}

static uint64_t size_between(const struct judgement *judgement, uint32_t from, uint32_t to)
{
	uint64_t size = 0;

	for (uint32_t i = from + 1; i < to; i++)
		size += judgement->regions[i].end - judgement->regions[i].start;
	return size;
}

/* Pushes the gap before region `i` of those that are shown. There may be regions in it that are not shown. */
static void push_gap(struct strip *strip, uint32_t i, uint8_t depth)
{
	const struct judgement *judgement = &strip->space->judgement;
	uint64_t start = judgement->regions[strip->regions[i - 1]].end;
	uint64_t end = judgement->regions[strip->regions[i]].start;
	struct band *gap;

	if (start == end)
		return;
	gap = push(strip, start, end, BAND_GAP);
	gap->first = i;
	gap->depth = depth;
	gap->hidden = size_between(judgement, strip->regions[i - 1], strip->regions[i]);
	gap->size = end - start - gap->hidden;
	gap->is_out_of_reach = is_above_user_space(end);
}

/* If a band has only reserved memory and guards, their size is the band's size. */
static void settle_sizes(struct strip *strip, size_t from)
{
	for (size_t i = from; i < strip->n; i++) {
		struct band *band = &strip->bands[i];

		if (band->type != BAND_GAP && band->size == 0) {
			band->size = band->reserved;
			band->reserved = 0;
		}
	}
}

/* Pushes the bands of `n` regions from `first` on; depth 1: they are the regions of one module. */
static void push_bands(struct strip *strip, uint32_t first, size_t n, uint8_t depth)
{
	const struct region *regions = strip->space->judgement.regions;
	size_t n_before = strip->n;
	struct band *band = NULL;

	for (uint32_t i = first; i < first + n; i++) {
		const struct region *region = &regions[strip->regions[i]];
		enum band_type type = depth > 0 ? BAND_REGIONS : type_of(strip->space, region);
		const struct region *last = band ? &regions[strip->regions[i - 1]] : NULL;

		if (!last ||
		    !(depth > 0 ? joins_part(strip, last, region) : joins(strip, band, last, region))) {
			if (last)
				push_gap(strip, i, depth);
			band = push(strip, region->start, region->end, type);
			band->first = i;
			band->depth = depth;
		}
		add_region(band, region);
		/* A guard belongs to the stack above it. */
		if (type == BAND_STACK)
			band->type = type;
	}
	settle_sizes(strip, n_before);
}

/* ---- which is which ---- */

/* The module that the process runs; if that is not known, the lowest. */
static int32_t find_program(const struct space *space)
{
	const struct process *process = &space->facts.process;

	for (size_t i = 0; process->exe && i < space->judgement.n_modules; i++) {
		const struct object *object = space->facts.objects[space->judgement.modules[i].object];

		if (object->name && object->name_len == process->exe_len &&
		    memcmp(object->name, process->exe, process->exe_len) == 0)
			return (int32_t)i;
	}
	return space->judgement.n_modules > 0 ? 0 : NO_MODULE;
}

/* If no module is known, the program is the file of the lowest region that looks like a part of a module. */
static const struct region *find_lowest_part(const struct space *space)
{
	for (size_t i = 0; i < space->judgement.n_regions; i++)
		if (is_of_module(space, &space->judgement.regions[i]))
			return &space->judgement.regions[i];
	return NULL;
}

static void set_program(struct strip *strip)
{
	const struct space *space = strip->space;
	int32_t program = find_program(space);
	const struct region *lowest = program == NO_MODULE ? find_lowest_part(space) : NULL;
	bool is_library = space->facts.origin == ORIGIN_ELF && !space->facts.elf.interpreter &&
			  space->facts.elf.type == ELF_SHARED;

	for (size_t i = 0; i < strip->n && !is_library; i++) {
		struct band *band = &strip->bands[i];
		const struct region *first = band->type == BAND_MODULE ? band_region(strip, band, 0) : NULL;

		band->is_program = first && (lowest ? first == lowest : first->module == program);
	}
}

static void set_thread(const struct strip *strip, struct band *band, const struct thread_stack *stacks)
{
	const struct facts *facts = &strip->space->facts;
	const struct region *region = band_region(strip, band, band->n - 1);
	size_t thread = facts_find_thread(facts, region->tid);

	if (thread == facts->n_threads)
		return;
	band->thread = thread;
	if (facts->threads[thread].sp >= band->start && facts->threads[thread].sp < band->end)
		band->sp = facts->threads[thread].sp;
	if (stacks[thread].start < band->end && band->start < stacks[thread].end)
		band->used = stacks[thread].used;
}

static void set_threads(struct strip *strip)
{
	_cleanup_free_ struct thread_stack *stacks = find_stacks(strip->space);

	for (size_t i = 0; i < strip->n; i++)
		if (strip->bands[i].type == BAND_STACK)
			set_thread(strip, &strip->bands[i], stacks);
}

/* ---- all of it ---- */

/* Only a module with several parts is worth opening. */
static void open_modules(struct strip *strip, size_t max)
{
	size_t n = strip->n;

	for (size_t i = 0; i < strip->n; i++)
		if (strip->bands[i].type == BAND_MODULE && strip->bands[i].n_folded == 1)
			n += strip->bands[i].n;
	for (size_t i = 0; i < strip->n; i++) {
		struct band *band = &strip->bands[i];

		band->is_open = band->type == BAND_MODULE && band->n > 1 && band->n_folded == 1 &&
				(band->is_program || max == 0 || n <= max);
	}
}

/* Inserts the parts of each open band behind it. */
static void push_parts(struct strip *strip)
{
	struct band *bands = strip->bands;
	size_t n = strip->n;

	strip->bands = NULL;
	strip->n = strip->cap = 0;
	for (size_t i = 0; i < n; i++) {
		struct band *band = push(strip, 0, 0, BAND_GAP);

		*band = bands[i];
		if (bands[i].is_open)
			push_bands(strip, bands[i].first, bands[i].n, 1);
	}
	free(bands);
}

static void find_largest(struct strip *strip)
{
	for (size_t i = 0; i < strip->n; i++) {
		const struct band *band = &strip->bands[i];

		if (band->type != BAND_GAP && !band->is_open && !is_set_aside(band->kind))
			strip->largest = MAX(strip->largest, band->size);
	}
}

void layout_build(struct strip *strip, const struct space *space, const uint32_t *regions, size_t n,
		  const struct strip_budget *budget)
{
	*strip = (struct strip){ .space = space, .regions = regions, .is_full = budget->any == 0 };
	push_bands(strip, 0, n, 0);
	set_program(strip);
	set_threads(strip);
	set_band_growth(strip);
	if (!strip->is_full)
		fold_bands(strip, budget);
	open_modules(strip, budget->alike);
	push_parts(strip);
	find_largest(strip);
}

void layout_done(struct strip *strip)
{
	free(strip->bands);
	*strip = (struct strip){ 0 };
}

void band_sizes(const struct strip *strip, const struct band *band, uint64_t sizes[N_KINDS])
{
	memset(sizes, 0, N_KINDS * sizeof(*sizes));
	for (size_t i = 0; i < band->n; i++) {
		const struct region *region = band_region(strip, band, i);

		sizes[region->kind] += region->end - region->start;
	}
}

uint64_t band_counter(const struct strip *strip, const struct band *band, enum counter counter)
{
	uint64_t sum = UNKNOWN;

	for (size_t i = 0; i < band->n; i++) {
		uint64_t value = region_counter(strip->space, band_region(strip, band, i), counter);

		if (value != UNKNOWN)
			sum = sum == UNKNOWN ? value : known_sum(sum, value);
	}
	return sum;
}
