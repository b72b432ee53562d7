/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "proc/maps.h"

static void require_order(const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_mappings; i++) {
		require(facts->mappings[i].start < facts->mappings[i].end);
		require(facts->mappings[i].object < facts->n_objects);
		if (i > 0)
			require(facts->mappings[i - 1].end <= facts->mappings[i].start);
	}
}

static void read_as(const char *text, size_t len, enum overlap overlap)
{
	struct facts facts;
	size_t used = 0;
	struct error err;

	facts_init(&facts);
	if (parse_maps(&facts, text, len, overlap, &used, &err) == 0) {
		require(used <= len);
		require(!memchr(text + used, '\n', len - used));
	}
	require_order(&facts);
	facts_done(&facts);
}

/* What a line is taken for does not depend on the one before it. */
static void require_same(const char *text, const char *end, struct maps_line *before)
{
	struct maps_line alone = { 0 };
	const char *after = parse_maps_line(text, end, before);

	require(after == parse_maps_line(text, end, &alone));
	require(!after || (before->start == alone.start && before->end == alone.end &&
			   before->offset == alone.offset && before->perms == alone.perms));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *input = (const char *)data;
	_cleanup_free_ char *text = mem_copy(data, size);
	const char *end = text + size + 1;
	const char *after;
	struct maps_line line = { 0 };

	read_as(input, size, OVERLAP_REFUSE);
	read_as(input, size, OVERLAP_SETTLE);
	text[size] = '\n';
	after = parse_maps_line(text, end, &line);
	require(!after || (after <= end && after[-1] == '\n'));
	if (after && line.name)
		require(line.name >= text && line.name + line.name_len + 1 == after);
	if (after)
		require_same(after, end, &line);
	return 0;
}
