/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static struct memory *memory_of(struct source *source)
{
	return (struct memory *)source;
}

static size_t copy(const struct memory *memory, uint64_t addr, unsigned char *buf, size_t len)
{
	for (size_t i = 0; i < memory->n_parts; i++) {
		uint64_t offset = addr - memory->parts[i].start;

		if (addr < memory->parts[i].start || offset >= memory->parts[i].len)
			continue;
		len = MIN(len, memory->parts[i].len - (size_t)offset);
		memcpy(buf, (const unsigned char *)memory->parts[i].bytes + offset, len);
		return len;
	}
	return 0;
}

static ssize_t read_memory(struct source *source, uint64_t addr, void *buf, size_t len)
{
	struct memory *memory = memory_of(source);
	size_t done = 0;
	size_t n = 1;

	memory->n_reads++;
	if (memory->is_denied)
		return -EPERM;
	for (; n > 0 && done < len; done += n)
		n = copy(memory, addr + done, (unsigned char *)buf + done, len - done);
	return done > 0 ? (ssize_t)done : -ENODATA;
}

static uint64_t word_of(const struct memory *memory, uint64_t page)
{
	for (size_t i = 0; i < memory->n_words; i++)
		if (memory->words[i].page == page)
			return memory->words[i].word;
	for (size_t i = 0; i < memory->n_parts; i++)
		if (page_floor(memory->parts[i].start, MEMORY_PAGE) <= page &&
		    page <= memory->parts[i].start + (memory->parts[i].len - 1))
			return PM_PRESENT;
	return 0;
}

static size_t read_parts(struct source *source, const struct memory_part *parts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t page = page_floor(parts[i].addr, MEMORY_PAGE);

		cr_assert(word_of(memory_of(source), page) & PM_PRESENT, "a page may be brought into memory");
		if (read_memory(source, parts[i].addr, parts[i].buf, parts[i].len) != (ssize_t)parts[i].len)
			return i;
	}
	return n;
}

static void find_present(struct source *source, const uint64_t *addrs, size_t n, bool *ret)
{
	for (size_t i = 0; i < n; i++)
		ret[i] = word_of(memory_of(source), page_floor(addrs[i], MEMORY_PAGE)) & PM_PRESENT;
}

static unsigned categories_of(uint64_t word)
{
	return word & PM_GUARD	 ? PAGE_IS_GUARD :
	       word & PM_PRESENT ? PAGE_IS_PRESENT :
	       word & PM_SWAPPED ? PAGE_IS_SWAPPED :
				   0;
}

/* Reports each page once, even if it lies in several ranges. */
static int walk_pages(struct source *source, const struct page_range *ranges, size_t n,
		      bool is_whole_map _unused_, page_walk_fn *take, void *context)
{
	uint64_t at = 0;

	if (memory_of(source)->pages_missing)
		return -ENOENT;
	for (size_t i = 0; i < n; i++) {
		at = MAX(at, page_floor(ranges[i].start, MEMORY_PAGE));
		for (; at < ranges[i].end; at += MEMORY_PAGE) {
			struct page_region region = { at, at + MEMORY_PAGE,
						      categories_of(word_of(memory_of(source), at)) };

			if (region.categories)
				take(context, &region);
		}
	}
	return 0;
}

static ssize_t read_page_words(struct source *source, uint64_t addr, uint64_t *words, size_t n)
{
	if (memory_of(source)->pages_missing)
		return -ENOENT;
	for (size_t i = 0; i < n; i++)
		words[i] = word_of(memory_of(source), page_floor(addr, MEMORY_PAGE) + i * MEMORY_PAGE);
	return (ssize_t)n;
}

/* Nothing was given back by MADV_FREE. */
static struct kernel_sums read_sums(struct source *source _unused_, bool wants_resident _unused_)
{
	return (struct kernel_sums){ .size = UNKNOWN, .resident = UNKNOWN, .lazily_freed = 0 };
}

static uint64_t find_control(struct source *source, int32_t tid)
{
	const struct memory *memory = memory_of(source);

	for (size_t i = 0; i < memory->n_threads; i++)
		if (memory->threads[i].tid == tid)
			return memory->threads[i].control;
	return UNKNOWN;
}

void memory_init(struct memory *memory)
{
	static const struct source_ops ops = {
		.read_memory = read_memory,
		.read_parts = read_parts,
		.find_present = find_present,
		.walk_pages = walk_pages,
		.read_page_words = read_page_words,
		.read_sums = read_sums,
		.find_control = find_control,
	};

	*memory = (struct memory){ .source = { .ops = &ops, .pid = 1 } };
}

void memory_done(struct memory *memory)
{
	for (size_t i = 0; i < memory->n_parts; i++)
		free(memory->parts[i].owned);
}

void memory_add(struct memory *memory, uint64_t start, const void *bytes, size_t len)
{
	cr_assert_lt(memory->n_parts, MEMORY_PARTS);
	memory->parts[memory->n_parts].start = start;
	memory->parts[memory->n_parts].len = len;
	memory->parts[memory->n_parts++].bytes = bytes;
}

void memory_add_zeroes(struct memory *memory, uint64_t start, size_t len)
{
	unsigned char *bytes = mem_alloc(len);

	memory_add(memory, start, bytes, len);
	memory->parts[memory->n_parts - 1].owned = bytes;
}

void memory_put(struct memory *memory, uint64_t addr, size_t word_size, uint64_t value)
{
	uint32_t narrow = (uint32_t)value;

	for (size_t i = 0; i < memory->n_parts; i++) {
		uint64_t offset = addr - memory->parts[i].start;

		if (offset >= memory->parts[i].len || word_size > memory->parts[i].len - offset)
			continue;
		cr_assert_not_null(memory->parts[i].owned);
		memcpy(memory->parts[i].owned + offset,
		       word_size == 4 ? (const void *)&narrow : (const void *)&value, word_size);
		return;
	}
	cr_assert_fail("no memory at %#" PRIx64, addr);
}

void memory_map_page(struct memory *memory, uint64_t page, uint64_t word)
{
	cr_assert_lt(memory->n_words, MEMORY_WORDS);
	memory->words[memory->n_words].page = page;
	memory->words[memory->n_words++].word = word;
}

void memory_add_thread(struct memory *memory, int32_t tid, uint64_t control)
{
	cr_assert_lt(memory->n_threads, MEMORY_PARTS);
	memory->threads[memory->n_threads].tid = tid;
	memory->threads[memory->n_threads++].control = control;
}
