/* SPDX-License-Identifier: MIT */
#include "pages/private_pages.h"

#include "base/mem.h"
#include "base/range.h"

struct region_range { /* the pages of a region */
	uint64_t start, end;
	uint32_t region;
};

struct reader {
	struct source *source;
	struct private_pages *pages;
	uint64_t page_size;
	struct region_range *ranges;
	size_t n_ranges;
	bool is_refused; /* words could be read, but frames are hidden */
};

/*
 * Without a scan (older kernels), the zero page looks like any other; the flags of its frame tell,
 * if they can be read.
 */
static bool is_zero_page(const struct reader *reader, uint64_t word, uint64_t categories)
{
	return categories & PAGE_IS_INCOMPLETE && source_is_zero_page(reader->source, word) == ANSWER_YES;
}

static void add_page(struct reader *reader, uint64_t addr, uint32_t region, uint64_t word,
		     uint64_t categories)
{
	struct private_pages *pages = reader->pages;

	if (word & (PM_FILE | PM_GUARD) || !(word & (PM_PRESENT | PM_SWAPPED)))
		return;
	reader->is_refused |= !(word & PM_PFN);
	if (reader->is_refused || is_zero_page(reader, word, categories))
		return;
	if (pages->n == pages->cap_regions) {
		pages->cap_regions = pages->cap_regions ? pages->cap_regions * 2 : 1024;
		pages->regions = mem_realloc(pages->regions, pages->cap_regions, sizeof(*pages->regions));
	}
	mem_grow_from(pages->items, pages->n, pages->cap, 1024);
	pages->regions[pages->n] = region;
	pages->items[pages->n++] = (struct private_page){ addr, word };
}

static void add_words(struct reader *reader, uint64_t start, uint64_t end, uint32_t region,
		      uint64_t categories)
{
	uint64_t page = reader->page_size;
	uint64_t words[512];

	while (start < end && !reader->is_refused) {
		ssize_t n = source_read_page_words(reader->source, start, words,
						   MIN(ARRAY_SIZE(words), (size_t)((end - start) / page)));

		if (n <= 0)
			return;
		for (ssize_t i = 0; i < n; i++, start += page)
			add_page(reader, start, region, words[i], categories);
	}
}

static void take_scanned(void *context, const struct page_region *scanned)
{
	struct reader *reader = context;

	if (scanned->categories & (PAGE_IS_GUARD | PAGE_IS_PFNZERO))
		return;
	for (size_t i = range_find(reader->ranges, reader->n_ranges, sizeof(*reader->ranges), scanned->start);
	     i < reader->n_ranges && reader->ranges[i].start < scanned->end; i++) {
		const struct region_range *range = &reader->ranges[i];

		add_words(reader, MAX(range->start, scanned->start), MIN(range->end, scanned->end),
			  range->region, scanned->categories);
	}
}

/* Finds the pages of all private regions; a page belongs to the region that holds its first byte. */
static void find_ranges(struct reader *reader, const struct space *space)
{
	const struct judgement *judgement = &space->judgement;

	reader->ranges = mem_array(judgement->n_regions, sizeof(*reader->ranges));
	for (uint32_t i = 0; i < judgement->n_regions; i++) {
		const struct region *region = &judgement->regions[i];
		uint64_t start = page_ceil(region->start, reader->page_size);
		uint64_t end = page_ceil(region->end, reader->page_size);

		if (start < end && !(space->facts.mappings[region->mapping].perms & PERM_SHARED) &&
		    !is_above_user_space(end))
			reader->ranges[reader->n_ranges++] = (struct region_range){ start, end, i };
	}
}

void read_private_pages(struct source *source, const struct space *space, struct private_pages *ret)
{
	struct reader reader = { .source = source, .pages = ret, .page_size = space->facts.page_size };
	struct page_range *ranges;
	int r;

	*ret = (struct private_pages){ 0 };
	find_ranges(&reader, space);
	ranges = mem_alloc(reader.n_ranges * sizeof(*ranges) + 1);
	for (size_t i = 0; i < reader.n_ranges; i++)
		ranges[i] =
			(struct page_range){ .start = reader.ranges[i].start, .end = reader.ranges[i].end };
	r = source_walk_pages(source, ranges, reader.n_ranges, false, take_scanned, &reader);
	ret->has_frames = r == 0 && !reader.is_refused;
	if (!ret->has_frames)
		ret->n = 0;
	free(ranges);
	free(reader.ranges);
}

void private_pages_done(struct private_pages *pages)
{
	free(pages->items);
	free(pages->regions);
	*pages = (struct private_pages){ 0 };
}
