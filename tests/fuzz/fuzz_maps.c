/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "proc/parse_maps.h"

static void require_order(const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_mappings; i++) {
		require(facts->mappings[i].start < facts->mappings[i].end);
		require(facts->mappings[i].object < facts->n_objects);
		if (i > 0)
			require(facts->mappings[i - 1].end <= facts->mappings[i].start);
	}
}

static bool same_object(const struct object *a, const struct object *b)
{
	return a->major == b->major && a->minor == b->minor && a->inode == b->inode &&
	       a->name_len == b->name_len && (a->name == NULL) == (b->name == NULL) &&
	       (!a->name || memcmp(a->name, b->name, a->name_len) == 0);
}

static void require_same(const struct facts *a, const struct facts *b)
{
	require(a->n_mappings == b->n_mappings);
	for (size_t i = 0; i < a->n_mappings; i++) {
		const struct mapping *x = &a->mappings[i];
		const struct mapping *y = &b->mappings[i];

		require(x->start == y->start && x->end == y->end && x->offset == y->offset &&
			x->perms == y->perms);
		require(same_object(mapping_object(a, x), mapping_object(b, y)));
	}
}

/* Reads each line with a new parser: how a line is read does not depend on the line before it. */
static int read_apart(struct facts *facts, const char *text, size_t len, enum overlap overlap)
{
	const char *last = memrchr(text, '\n', len);
	const char *p = text;
	int r = 0;

	while (r == 0 && last && p <= last) {
		const char *line = p;
		struct maps_parser parser;

		maps_parser_init(&parser, facts, overlap);
		r = maps_parser_take(&parser, &p, last + 1);
		require(r < 0 ? p == line : p > line && p[-1] == '\n');
	}
	return r;
}

static void read_as(const char *text, size_t len, enum overlap overlap)
{
	struct maps_parser parser;
	struct facts facts, apart;
	size_t used = 0;
	struct error err;
	int r;

	facts_init(&facts);
	facts_init(&apart);
	maps_parser_init(&parser, &facts, overlap);
	r = maps_parser_feed(&parser, text, len, &used, &err);
	require(used <= len);
	require(r < 0 || !memchr(text + used, '\n', len - used));
	require(read_apart(&apart, text, len, overlap) == r);
	require_order(&facts);
	require_same(&facts, &apart);
	facts_done(&facts);
	facts_done(&apart);
}

/* The line ends with the name. */
static void require_name(const struct facts *facts, const char *newline)
{
	const struct object *object = mapping_object(facts, &facts->mappings[0]);

	require(!object->name || memcmp(newline - object->name_len, object->name, object->name_len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *input = (const char *)data;
	_cleanup_free_ char *text = mem_copy(data, size);
	const char *p = text;
	struct maps_parser parser;
	struct facts facts;

	read_as(input, size, OVERLAP_REFUSE);
	read_as(input, size, OVERLAP_SETTLE);
	text[size] = '\n';
	facts_init(&facts);
	maps_parser_init(&parser, &facts, OVERLAP_REFUSE);
	if (maps_parser_take(&parser, &p, text + size + 1) == 0) {
		require(p <= text + size + 1);
		require_name(&facts, p - 1);
	}
	facts_done(&facts);
	return 0;
}
