/* SPDX-License-Identifier: MIT */
#include "bytes.h"

#include <errno.h>
#include <string.h>

#include "analysis/anon_use.h"
#include "analysis/verify_regions.h"
#include "analysis/classify.h"
#include "analysis/modules.h"
#include "analysis/thread_stacks.h"
#include "base/mem.h"
#include "fuzz.h"
#include "pages/stack_use.h"
#include "proc/parse_maps.h"

static struct bytes *bytes_of(struct source *source)
{
	return (struct bytes *)source;
}

/* ---- memory ---- */

/* Copies the part of `len` bytes at `at` that lies in the buffer, which holds the memory from `addr` on. */
static void overlay(uint64_t at, const uint8_t *from, size_t len, uint64_t addr, uint8_t *buf, size_t size)
{
	uint64_t start = MAX(at, addr);
	uint64_t end = MIN(at + len, addr + size);

	if (start < end)
		memcpy(buf + (start - addr), from + (start - at), (size_t)(end - start));
}

/* Fills in what a mapping holds: its number among all mappings selects the chunk. */
static void fill(const struct bytes *bytes, size_t i, uint64_t addr, uint8_t *buf, size_t size)
{
	const struct facts *facts = &bytes->space.facts;
	const struct mapping *m = &facts->mappings[i];
	uint8_t chunk[CHUNK] = { 0 };
	uint64_t room = arena_room(facts->word_size);

	memset(buf, 0, size);
	if (i < bytes->len / CHUNK)
		memcpy(chunk, bytes->chunks + i * CHUNK, CHUNK);
	else if (i == bytes->len / CHUNK)
		memcpy(chunk, bytes->chunks + i * CHUNK, bytes->len % CHUNK);
	overlay(addr & ~(room - 1), chunk, HEADER, addr, buf, size);
	overlay(m->end - (CHUNK - HEADER), chunk + HEADER, CHUNK - HEADER, addr, buf, size);
}

static bool is_readable(const struct facts *facts, size_t i, uint64_t addr)
{
	return i < facts->n_mappings && facts->mappings[i].start <= addr &&
	       is_nameless(facts, &facts->mappings[i]) && (facts->mappings[i].perms & PERM_R);
}

static ssize_t read_memory(struct source *source, uint64_t addr, void *buf, size_t len)
{
	const struct bytes *bytes = bytes_of(source);
	const struct facts *facts = &bytes->space.facts;
	size_t i = facts_find_mapping(facts, addr);
	size_t done = 0;

	if (bytes->head.flags & BYTES_DENIED)
		return -EPERM;
	for (; done < len && is_readable(facts, i, addr + done); i++) {
		size_t part = (size_t)MIN(len - done, facts->mappings[i].end - (addr + done));

		fill(bytes, i, addr + done, (uint8_t *)buf + done, part);
		done += part;
	}
	return done > 0 ? (ssize_t)done : -ENODATA;
}

static size_t read_parts(struct source *source, const struct memory_part *parts, size_t n)
{
	require(n <= PARTS_MAX);
	for (size_t i = 0; i < n; i++)
		if (read_memory(source, parts[i].addr, parts[i].buf, parts[i].len) != (ssize_t)parts[i].len)
			return i;
	return n;
}

/* ---- pages ---- */

#define GUARDS 8

static bool is_guard(const struct bytes *bytes, uint64_t addr)
{
	const struct facts *facts = &bytes->space.facts;
	size_t i = facts_find_mapping(facts, addr);
	uint64_t page;

	if (i == facts->n_mappings || facts->mappings[i].start > addr)
		return false;
	page = (addr - facts->mappings[i].start) / BYTES_PAGE;
	return page < GUARDS && (bytes->head.guards >> page & 1);
}

static void find_present(struct source *source, const uint64_t *addrs, size_t n, bool *ret)
{
	const struct facts *facts = &bytes_of(source)->space.facts;

	require(n <= PARTS_MAX);
	for (size_t i = 0; i < n; i++)
		ret[i] = is_readable(facts, facts_find_mapping(facts, addrs[i]), addrs[i]);
}

/* Reports the first pages of each mapping: as guards, or else as used. */
static int walk_pages(struct source *source, const struct page_range *ranges, size_t n,
		      bool is_whole_map _unused_, page_walk_fn *take, void *context)
{
	const struct bytes *bytes = bytes_of(source);
	const struct facts *facts = &bytes->space.facts;

	if (bytes->head.flags & BYTES_NO_PAGES)
		return -ENOENT;
	require(n == 1 && ranges[0].start <= ranges[0].end);
	for (size_t i = 0; i < facts->n_mappings; i++)
		for (uint64_t page = 0; page < GUARDS; page++) {
			uint64_t at = facts->mappings[i].start + page * BYTES_PAGE;
			struct page_region region = { at, at + BYTES_PAGE,
						      is_guard(bytes, at) ? PAGE_IS_GUARD | PAGE_IS_SWAPPED :
									    PAGE_IS_PRESENT };

			if (at >= ranges[0].start && at < ranges[0].end && at < facts->mappings[i].end)
				take(context, &region);
		}
	return 0;
}

static ssize_t read_page_words(struct source *source, uint64_t addr, uint64_t *words, size_t n)
{
	const struct bytes *bytes = bytes_of(source);

	if (bytes->head.flags & BYTES_NO_PAGES)
		return -ENOENT;
	for (size_t i = 0; i < n; i++)
		words[i] = is_guard(bytes, addr + i * BYTES_PAGE) ? PM_GUARD | PM_SWAPPED : PM_PRESENT;
	return (ssize_t)n;
}

/* ---- threads ---- */

static uint64_t find_control(struct source *source, int32_t tid)
{
	const struct bytes *bytes = bytes_of(source);

	require(tid > BYTES_PROCESS && tid < BYTES_PROCESS + BYTES_THREADS);
	return bytes->head.flags & BYTES_CHANGING ? UNKNOWN :
						    bytes->space.facts.threads[tid - BYTES_PROCESS].control;
}

static void add_threads(struct bytes *bytes)
{
	struct facts *facts = &bytes->space.facts;

	for (size_t i = 0; i < BYTES_THREADS; i++) {
		uint16_t where = bytes->head.controls[i];
		struct thread thread = { .tid = BYTES_PROCESS + (int32_t)i,
					 .sp = UNKNOWN,
					 .control = UNKNOWN };

		if (where && facts->n_mappings > 0 && !(bytes->head.flags & BYTES_NO_LISTS))
			thread.control =
				facts->mappings[(where >> 9) % facts->n_mappings].end - (where & 511) * 4;
		mem_grow(facts->threads, facts->n_threads, facts->cap_threads);
		facts->threads[facts->n_threads++] = thread;
	}
}

/* ---- all of it ---- */

static void count_in_bytes(struct facts *facts)
{
	size_t n = 0;

	while (n < facts->n_mappings && facts->mappings[n].end <= UINT64_MAX / BYTES_PAGE) {
		facts->mappings[n].start *= BYTES_PAGE;
		facts->mappings[n].end *= BYTES_PAGE;
		n++;
	}
	facts->n_mappings = n;
}

bool bytes_init(struct bytes *bytes, const uint8_t *data, size_t size)
{
	static const struct source_ops ops = {
		.read_memory = read_memory,
		.read_parts = read_parts,
		.find_present = find_present,
		.walk_pages = walk_pages,
		.read_page_words = read_page_words,
		.find_control = find_control,
	};
	const uint8_t *nul = size ? memchr(data, '\0', size) : NULL;
	struct facts *facts = &bytes->space.facts;
	struct maps_parser parser;
	struct error err;
	size_t used;

	*bytes = (struct bytes){ .source = { .ops = &ops, .pid = BYTES_PROCESS } };
	if (!nul || size - (size_t)(nul + 1 - data) < sizeof(bytes->head))
		return false;
	memcpy(&bytes->head, nul + 1, sizeof(bytes->head));
	bytes->chunks = nul + 1 + sizeof(bytes->head);
	bytes->len = (size_t)(data + size - bytes->chunks);
	space_init(&bytes->space);
	facts->page_size = BYTES_PAGE;
	facts->word_size = bytes->head.flags & BYTES_NARROW ? 4 : 8;
	facts->process.pid = BYTES_PROCESS;
	facts->process.swapped = bytes->head.flags & BYTES_SWAPPED ? BYTES_PAGE : 0;
	facts->has_robust_lists = !(bytes->head.flags & BYTES_NO_LISTS);
	maps_parser_init(&parser, facts, OVERLAP_SETTLE);
	if (maps_parser_feed(&parser, (const char *)data, (size_t)(nul - data), &used, &err) < 0) {
		space_done(&bytes->space);
		return false;
	}
	count_in_bytes(facts);
	add_threads(bytes);
	return true;
}

void bytes_done(struct bytes *bytes)
{
	space_done(&bytes->space);
}

void bytes_require_tid(int32_t tid)
{
	require(tid == NO_TID || (tid >= BYTES_PROCESS && tid < BYTES_PROCESS + BYTES_THREADS));
}

void bytes_require_judgement(struct bytes *bytes)
{
	const struct facts *facts = &bytes->space.facts;
	struct judgement *judgement = &bytes->space.judgement;

	find_modules(facts, judgement);
	find_anon_uses(facts, judgement);
	for (size_t i = 0; i < judgement->n_anon_uses; i++) {
		require(judgement->anon_uses[i].start < judgement->anon_uses[i].end);
		require(i == 0 || judgement->anon_uses[i - 1].end <= judgement->anon_uses[i].start);
		bytes_require_tid(judgement->anon_uses[i].tid);
	}
	classify(facts, false, judgement);
	require(check_regions(&bytes->space, NULL) == 0);
	find_stack_ranges(facts, judgement);
	read_stack_use(&bytes->source, &bytes->space, &bytes->space.answers);
}
