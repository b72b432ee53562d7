/* SPDX-License-Identifier: MIT */
#include "check/code_generators.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/range.h"

#define CHUNK (UINT64_C(64) << 10)

/* Bytes of variables and heap together: more than most programs have, and a tenth of a second to read. */
#define TRACKERS_MAX (UINT64_C(128) << 20)

/* Bytes of each range: code generators begin at the start of their memory, or nearly so. */
#define CONTENTS_MAX (UINT64_C(4) << 20)

/* Bytes of all ranges: a process can map one file a million times at no cost. */
#define ALL_CONTENTS_MAX (UINT64_C(256) << 20)

struct search {
	struct checker *checker;
	struct generated *ranges;
	size_t n;
	size_t word_size;
	uint64_t low, high; /* from the first module's start to the last one's end */
	uint32_t *counts;   /* addresses of each module in the current range */
	uint32_t *counted;  /* the modules whose counts are not 0 */
	size_t n_counted;
	uint64_t n_addresses; /* addresses that the current range may still have: one in each word */
	int32_t *module_of;   /* by object: its module, for parts of it that are mapped elsewhere as well */
	unsigned char *chunk;
	uint64_t left;		/* bytes of variables and heap that may still be read */
	uint64_t left_contents; /* likewise, of the contents of ranges */
	bool can_read;
};

static uint64_t word_at(const unsigned char *p, size_t size)
{
	uint32_t narrow;
	uint64_t wide;

	if (size == 4) {
		memcpy(&narrow, p, sizeof(narrow));
		return narrow;
	}
	memcpy(&wide, p, sizeof(wide));
	return wide;
}

/* ---- what is in a range ---- */

/* V8 maps its own built-in functions a second time, near the code that it generates. */
static int32_t find_module(const struct search *search, uint64_t addr)
{
	uint32_t index = judgement_region(&search->checker->space->judgement, addr);
	const struct region *region;

	if (index == NO_REGION)
		return NO_MODULE;
	region = &search->checker->space->judgement.regions[index];
	return region->module != NO_MODULE ? region->module :
					     search->module_of[region_object(search->checker, region)];
}

/* In machine code, addresses need not be aligned. */
static void count_references(struct search *search, struct generated *range, size_t len)
{
	for (size_t at = 0; at < len; at++) {
		uint64_t word;
		int32_t module;

		range->has_contents |= search->chunk[at] != 0;
		if (at + search->word_size > len)
			continue;
		word = word_at(search->chunk + at, search->word_size);
		if (word < search->low || word >= search->high || search->n_addresses == 0)
			continue;
		search->n_addresses--;
		module = find_module(search, word);
		if (module != NO_MODULE && search->counts[module]++ == 0)
			search->counted[search->n_counted++] = (uint32_t)module;
	}
}

static bool is_more(const uint32_t *counts, uint32_t a, uint32_t b)
{
	if (counts[a] != counts[b])
		return counts[a] > counts[b];
	return a < b;
}

/* Takes the module with the largest count off the list; NO_GENERATOR: there is none left. */
static uint32_t take_largest(struct search *search)
{
	uint32_t *counted = search->counted;
	uint32_t largest;
	size_t at = 0;

	if (search->n_counted == 0)
		return NO_GENERATOR;
	for (size_t i = 1; i < search->n_counted; i++)
		if (is_more(search->counts, counted[i], counted[at]))
			at = i;
	largest = counted[at];
	counted[at] = counted[--search->n_counted];
	search->counts[largest] = 0;
	return largest;
}

static void clear_counts(struct search *search)
{
	for (size_t i = 0; i < search->n_counted; i++)
		search->counts[search->counted[i]] = 0;
	search->n_counted = 0;
}

/*
 * Whether pages that a process has never touched may still hold something; those of anonymous
 * memory are zero.
 */
static bool may_have_contents(const struct object *object)
{
	return has_offset(object) && object->type != OBJECT_ZERO;
}

static void look_at_memory(struct search *search, struct generated *range, uint64_t start, uint64_t size)
{
	for (uint64_t at = 0; at < size; at += CHUNK) {
		ssize_t n = source_read_memory(search->checker->source, start + at, search->chunk,
					       (size_t)MIN(CHUNK, size - at));

		search->can_read |= n > 0;
		if (n > 0)
			count_references(search, range, (size_t)n);
		else if (n != -ENODATA || search->checker->space->facts.origin == ORIGIN_CORE)
			range->is_unread = true;
	}
}

/* Only for a running process is the file certain to be the mapped one. False: it cannot be read. */
static bool look_at_file(struct search *search, struct generated *range, uint64_t offset, uint64_t size)
{
	const struct facts *facts = &search->checker->space->facts;
	const struct region *region = &search->checker->space->judgement.regions[range->region];
	const struct object *object = facts->objects[region_object(search->checker, region)];
	struct stat st;
	_cleanup_close_ int fd = search->checker->source->is_native && object->part_size == 0 ?
					 source_open_object(search->checker->source, facts, object, &st) :
					 -1;
	ssize_t n = fd < 0 || offset > (uint64_t)INT64_MAX - size ? -1 : 1;

	for (uint64_t at = 0; at < size && n > 0; at += CHUNK) {
		n = pread(fd, search->chunk, (size_t)MIN(CHUNK, size - at), (off_t)(offset + at));
		if (n > 0)
			count_references(search, range, (size_t)n);
	}
	return n >= 0;
}

/*
 * Looks at the contents of a range of a file: in the file, since only that has the pages that no
 * mapping has touched; if it cannot be read, in the known mappings of it.
 */
static void look_at_mappings(struct search *search, struct generated *range, const struct mapping *m,
			     uint64_t size)
{
	const struct mapping *other = range->writable;
	uint64_t offset = m->offset + (range->start - m->start);
	bool is_file_read = look_at_file(search, range, offset, size);

	/* A private mapping may have pages of its own. */
	if (!is_file_read || !(m->perms & PERM_SHARED))
		look_at_memory(search, range, range->start, size);
	if (!is_file_read && other) {
		uint64_t start = MAX(offset, other->offset);
		uint64_t end = MIN(offset + size, other->offset + (other->end - other->start));

		if (start < end)
			look_at_memory(search, range, other->start + (start - other->offset), end - start);
	}
	range->is_unread |= !is_file_read;
}

static void look_into(struct search *search, struct generated *range)
{
	const struct space *space = search->checker->space;
	const struct mapping *m = region_mapping(search->checker, &space->judgement.regions[range->region]);
	uint64_t size = MIN(range->end - range->start, MIN(CONTENTS_MAX, search->left_contents));

	search->left_contents -= size;
	search->n_addresses = size / search->word_size;
	if (size == 0)
		range->is_unread = true;
	else if (may_have_contents(space->facts.objects[m->object]))
		look_at_mappings(search, range, m, size);
	else
		look_at_memory(search, range, range->start, size);
	for (size_t i = 0; i < GENERATORS_MAX; i++)
		range->referred[i] = take_largest(search);
	clear_counts(search);
}

/* ---- what keeps track of a range ---- */

static bool is_library(const struct search *search, uint32_t module)
{
	uint32_t object = search->checker->space->judgement.modules[module].object;
	const struct traits *traits = &search->checker->evidence.files[object].traits;

	return traits->is_known && !traits->is_program;
}

static void take_tracker(const struct search *search, struct generated *range, int32_t module)
{
	range->is_in_heap |= module == NO_MODULE;
	if (module == NO_MODULE)
		return;
	for (size_t i = 0; i < GENERATORS_MAX; i++)
		if (range->referred[i] == (uint32_t)module)
			range->generator = (uint32_t)module;
	if (range->has_contents && is_library(search, (uint32_t)module))
		range->keeper = (uint32_t)module;
}

/* `module`: the one that has these variables; NO_MODULE: they are blocks of the heap. */
static void follow_pointers(struct search *search, size_t len, int32_t module)
{
	for (size_t at = 0; at + search->word_size <= len; at += search->word_size) {
		uint64_t word = word_at(search->chunk + at, search->word_size);
		size_t i;

		if (word < search->ranges[0].start || word >= search->ranges[search->n - 1].end)
			continue;
		i = range_find(search->ranges, search->n, sizeof(*search->ranges), word);
		if (i < search->n && word >= search->ranges[i].start)
			take_tracker(search, &search->ranges[i], module);
	}
}

static void read_trackers(struct search *search, const struct region *region)
{
	for (uint64_t at = page_floor(region->start, search->checker->space->facts.page_size);
	     at < region->end && search->left > 0; at += CHUNK) {
		size_t len = (size_t)MIN(MIN(CHUNK, region->end - at), search->left);
		ssize_t n = source_read_memory(search->checker->source, at, search->chunk, len);

		search->left -= len;
		search->can_read |= n > 0;
		if (n > 0)
			follow_pointers(search, (size_t)n, region->module);
	}
}

static bool has_variables(const struct region *region)
{
	return region->kind == KIND_DATA || region->kind == KIND_BSS || region->kind == KIND_RELRO;
}

static bool is_heap(const struct region *region)
{
	return region->kind == KIND_HEAP;
}

static void read_all_trackers(struct search *search, bool (*may_keep_track)(const struct region *))
{
	const struct judgement *judgement = &search->checker->space->judgement;

	for (size_t i = 0; i < judgement->n_regions; i++)
		if (may_keep_track(&judgement->regions[i]))
			read_trackers(search, &judgement->regions[i]);
}

/*
 * Blocks of the heap do not show their owner: it is the module with the most addresses, unless
 * variables show another one. If a program is at a low address, many numbers look like addresses of
 * it.
 */
static void settle_generator(struct generated *range)
{
	if (range->generator == NO_GENERATOR)
		range->generator = range->keeper;
	if (range->generator == NO_GENERATOR && range->is_in_heap)
		range->generator = range->referred[0];
}

/* ---- all of it ---- */

static void begin(struct search *search)
{
	const struct space *space = search->checker->space;
	const struct judgement *judgement = &space->judgement;

	search->low = UINT64_MAX;
	for (size_t i = 0; i < space->facts.n_objects; i++)
		search->module_of[i] = NO_MODULE;
	for (size_t i = 0; i < judgement->n_modules; i++)
		search->module_of[judgement->modules[i].object] = (int32_t)i;
	for (size_t i = 0; i < judgement->n_regions; i++) {
		const struct region *region = &judgement->regions[i];

		if (region->module == NO_MODULE &&
		    search->module_of[region_object(search->checker, region)] == NO_MODULE)
			continue;
		search->low = MIN(search->low, region->start);
		search->high = MAX(search->high, region->end);
	}
}

bool find_generators(struct checker *checker, struct generated *ranges, size_t n)
{
	const struct space *space = checker->space;
	const struct judgement *judgement = &space->judgement;
	_cleanup_free_ uint32_t *counts = mem_alloc(judgement->n_modules * sizeof(*counts) + 1);
	_cleanup_free_ uint32_t *counted = mem_array(judgement->n_modules, sizeof(*counted));
	_cleanup_free_ int32_t *module_of = mem_array(space->facts.n_objects, sizeof(*module_of));
	_cleanup_free_ unsigned char *chunk = mem_array(CHUNK, 1);
	struct search search = {
		.checker = checker,
		.ranges = ranges,
		.n = n,
		.word_size = space->facts.word_size == 4 ? 4 : 8,
		.counts = counts,
		.counted = counted,
		.module_of = module_of,
		.chunk = chunk,
		.left = TRACKERS_MAX,
		.left_contents = ALL_CONTENTS_MAX,
	};

	if (n == 0)
		return true;
	begin(&search);
	for (size_t i = 0; i < n; i++) {
		ranges[i].generator = ranges[i].keeper = NO_GENERATOR;
		look_into(&search, &ranges[i]);
	}
	/* A large heap lies below the libraries: their variables tell more, and are small. */
	read_all_trackers(&search, has_variables);
	read_all_trackers(&search, is_heap);
	for (size_t i = 0; i < n; i++) {
		ranges[i].is_partly_sought = search.left == 0;
		settle_generator(&ranges[i]);
	}
	return search.can_read;
}
