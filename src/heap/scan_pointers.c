/* SPDX-License-Identifier: MIT */
#include "heap/scan_pointers.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/range.h"
#include "heap/heap_memory.h"

#define BATCH ((size_t)1 << 18) /* bytes: still in a CPU cache when they are scanned */

/* Some programs keep a tag in the upper bits of a pointer. */
#define ADDRESS_BITS ((UINT64_C(1) << 48) - 1)

void scan_init(struct scan *scan, struct source *source, const struct facts *facts,
	       const struct page_set *pages)
{
	bool is_big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

	*scan = (struct scan){
		.source = source,
		.facts = facts,
		.pages = pages,
		.page_size = facts->page_size,
		.word_size = facts->word_size,
		.is_foreign = facts->origin == ORIGIN_CORE && facts->core.is_big_endian != is_big_endian,
		.buf = mem_array(BATCH, 1),
	};
}

void scan_done(struct scan *scan)
{
	free(scan->buf);
	*scan = (struct scan){ 0 };
}

/* ---- words ---- */

static uint64_t address_in(const struct scan *scan, const unsigned char *bytes)
{
	uint64_t word = heap_word(bytes, scan->word_size);

	if (!scan->is_foreign)
		return word & ADDRESS_BITS;
	return scan->word_size == 8 ? __builtin_bswap64(word) & ADDRESS_BITS :
				      __builtin_bswap32((uint32_t)word);
}

void scan_words(struct scan *scan, const unsigned char *bytes, size_t len, uint64_t place)
{
	uint64_t size = scan->high - scan->low;

	for (size_t i = 0; i + scan->word_size <= len; i += scan->word_size) {
		uint64_t addr = address_in(scan, bytes + i);

		if (unlikely(addr - scan->low < size))
			scan->take(scan->context, place + i, addr);
	}
}

/* ---- memory ---- */

/* Memory that a running process has unmapped since does not matter. */
static bool is_missed(const struct scan *scan, const struct scan_part *part)
{
	return !part->is_optional && !scan->pages->is_known;
}

/* The next address that may be readable: a core file lacks whole mappings, however large. */
static uint64_t missing_end(const struct scan *scan, uint64_t at)
{
	const struct core *core = &scan->facts->core;
	size_t i = range_find(core->dumped, core->n_dumped, sizeof(*core->dumped), at);

	if (scan->facts->origin != ORIGIN_CORE || (i < core->n_dumped && core->dumped[i].start <= at))
		return page_floor(at, scan->page_size) + scan->page_size;
	return i < core->n_dumped ? core->dumped[i].start : UINT64_MAX;
}

static void read_slowly(struct scan *scan, const struct scan_part *part, unsigned char *bytes)
{
	size_t done = 0;

	while (done < part->len) {
		ssize_t n = source_read_memory(scan->source, part->addr + done, bytes, part->len - done);
		uint64_t at = part->addr + done;

		if (n > 0) {
			scan_words(scan, bytes, (size_t)n, at);
			/* A word that could be read only in part does not count. */
			done += (size_t)page_ceil((uint64_t)n, scan->word_size);
			continue;
		}
		n = (ssize_t)MIN(missing_end(scan, at) - at, part->len - done);
		if (is_missed(scan, part))
			scan->miss(scan->context, at, at + (uint64_t)n);
		done += (size_t)n;
	}
}

void scan_flush(struct scan *scan)
{
	struct memory_part parts[PARTS_MAX];
	unsigned char *bytes = scan->buf;
	size_t n;

	for (size_t i = 0; i < scan->n_parts; i++) {
		parts[i] = (struct memory_part){ scan->parts[i].addr, bytes, scan->parts[i].len };
		bytes += scan->parts[i].len;
	}
	n = source_read_parts(scan->source, parts, scan->n_parts);
	for (size_t i = 0; i < scan->n_parts; i++) {
		if (i < n)
			scan_words(scan, parts[i].buf, parts[i].len, parts[i].addr);
		else
			read_slowly(scan, &scan->parts[i], parts[i].buf);
	}
	scan->n_parts = scan->len = 0;
}

static void add_pages(struct scan *scan, const struct known_pages *run, bool is_optional)
{
	uint64_t at = run->start;

	while (at < run->end) {
		size_t len = (size_t)MIN(run->end - at, BATCH - scan->len);

		if (len == 0 || scan->n_parts == PARTS_MAX) {
			scan_flush(scan);
			continue;
		}
		scan->parts[scan->n_parts++] = (struct scan_part){ at, len, is_optional };
		scan->len += len;
		at += len;
	}
}

void scan_add(struct scan *scan, uint64_t start, uint64_t end, bool is_optional)
{
	struct known_pages run;

	start = page_ceil(start, scan->word_size);
	end = page_floor(end, scan->word_size);
	if (scan->pages->is_blind) {
		if (start < end)
			scan->miss(scan->context, start, end);
		return;
	}
	while (start < end && page_set_next(scan->pages, start, end, &run)) {
		if (!run.is_swapped)
			add_pages(scan, &run, is_optional);
		else
			scan->miss(scan->context, run.start, run.end);
		start = run.end;
	}
}
