/* SPDX-License-Identifier: MIT */
#include "check/makers.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/range.h"

#define CHUNK (UINT64_C(64) << 10)

/* Variables of all modules together: far more than programs have, and a tenth of a second to read. */
#define VARIABLES_MAX (UINT64_C(64) << 20)

/* Whatever generates code begins at the start of its memory, or nearly so. */
#define CONTENTS_MAX (UINT64_C(4) << 20)

struct search {
	struct checker *checker;
	struct generated *ranges;
	size_t n;
	uint64_t *counts; /* by range, of the module that is being looked at */
	unsigned char *chunk;
	uint64_t left; /* bytes of variables that may still be read */
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

static void count_pointers(struct search *search, size_t len, size_t word_size)
{
	for (size_t at = 0; at + word_size <= len; at += word_size) {
		uint64_t word = word_at(search->chunk + at, word_size);
		size_t i;

		if (word < search->ranges[0].start || word >= search->ranges[search->n - 1].end)
			continue;
		i = range_find(search->ranges, search->n, sizeof(*search->ranges), word);
		if (i < search->n && word >= search->ranges[i].start)
			search->counts[i]++;
	}
}

static void read_variables(struct search *search, const struct region *region)
{
	size_t word_size = search->checker->space->facts.word_size == 4 ? 4 : 8;

	for (uint64_t at = page_floor(region->start, 4096); at < region->end && search->left > 0;
	     at += CHUNK) {
		size_t len = (size_t)MIN(MIN(CHUNK, region->end - at), search->left);
		ssize_t n = source_read_memory(search->checker->source, at, search->chunk, len);

		search->left -= len;
		/* That no page was touched is an answer, too. */
		search->can_read |= n > 0;
		if (n > 0)
			count_pointers(search, (size_t)n, word_size);
	}
}

static bool has_variables(const struct region *region)
{
	return region->kind == KIND_DATA || region->kind == KIND_BSS || region->kind == KIND_RELRO;
}

static void take_module(struct search *search, uint32_t module)
{
	for (size_t i = 0; i < search->n; i++) {
		if (search->counts[i] > search->ranges[i].pointers) {
			search->ranges[i].pointers = search->counts[i];
			search->ranges[i].maker = module;
		}
		search->counts[i] = 0;
	}
}

/* One module's regions lie together: other modules' are not between them. */
static void search_modules(struct search *search)
{
	const struct judgement *judgement = &search->checker->space->judgement;
	int32_t module = NO_MODULE;

	for (size_t i = 0; i < judgement->n_regions; i++) {
		const struct region *region = &judgement->regions[i];

		if (region->module == NO_MODULE || !has_variables(region))
			continue;
		if (module != NO_MODULE && region->module != module)
			take_module(search, (uint32_t)module);
		module = region->module;
		read_variables(search, region);
	}
	if (module != NO_MODULE)
		take_module(search, (uint32_t)module);
}

static bool has_contents(struct search *search, const struct generated *range)
{
	uint64_t size = MIN(range->end - range->start, CONTENTS_MAX);

	for (uint64_t at = 0; at < size; at += CHUNK) {
		ssize_t n = source_read_memory(search->checker->source, range->contents + at, search->chunk,
					       (size_t)MIN(CHUNK, size - at));

		for (ssize_t i = 0; i < n; i++)
			if (search->chunk[i])
				return true;
	}
	return false;
}

bool find_makers(struct checker *checker, struct generated *ranges, size_t n)
{
	_cleanup_free_ uint64_t *counts = mem_alloc(n * sizeof(*counts));
	_cleanup_free_ unsigned char *chunk = mem_array(CHUNK, 1);
	struct search search = {
		.checker = checker,
		.ranges = ranges,
		.n = n,
		.counts = counts,
		.chunk = chunk,
		.left = VARIABLES_MAX,
	};

	for (size_t i = 0; i < n; i++)
		ranges[i].maker = NO_MAKER;
	if (n == 0)
		return true;
	search_modules(&search);
	for (size_t i = 0; i < n; i++)
		ranges[i].has_contents = has_contents(&search, &ranges[i]);
	return search.can_read;
}
