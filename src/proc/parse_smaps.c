/* SPDX-License-Identifier: MIT */
#include "proc/parse_smaps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/mem.h"

/* The shape of nearly all lines: a key, blanks, a right-aligned number, " kB". */
#define KEY_WIDTH 16
#define VALUE_WIDTH DIGITS_PADDED

#define SUFFIX " kB"
#define SHAPE_LEN (KEY_WIDTH + VALUE_WIDTH + sizeof(SUFFIX)) /* newline included */
#define VALUE_MAX (UINT64_C(1) << 48)			     /* kB: more than any address space */
#define FLAGS_KEY "VmFlags:"

#define LINES_MAX 40	/* lines of a record that are learnt; the kernel has 24 */
#define RECORD_MAX 2048 /* bytes of a record to keep; the kernel writes about 700 */

struct smaps_line {
	char key[64];
	size_t key_len;	      /* including the colon; 0: not learnt */
	int slot;	      /* in the usage table; -1: not wanted */
	char head[KEY_WIDTH]; /* how the line begins */
	size_t len;	      /* of the line that was learnt, without its newline */
	bool is_plain;	      /* not wanted, or a counter in the usual shape */
};

struct smaps_record {
	char text[RECORD_MAX]; /* all lines but the size and the flags */
	size_t len;	       /* 0: none */
	size_t row, at;	       /* whose counters they are, and the line that comes next */
};

struct smaps_parser {
	struct maps_parser maps;
	struct smaps_line lines[LINES_MAX + 1]; /* the last one is never learnt */
	size_t at;				/* the line that is expected next */
	bool has_mapping;
	struct smaps_record records[2]; /* the last two that differ, since they may be repeated */
	unsigned last;			/* and which of them was seen last */
};

struct smaps_parser *smaps_parser_new(struct facts *facts, enum overlap overlap)
{
	struct smaps_parser *parser = mem_alloc(sizeof(*parser));

	maps_parser_init(&parser->maps, facts, overlap);
	return parser;
}

void smaps_parser_free(struct smaps_parser *parser)
{
	free(parser);
}

static size_t last_row(const struct smaps_parser *parser)
{
	return parser->maps.facts->n_mappings - 1;
}

/* The number in [line, end), in bytes if its unit is kB; UNKNOWN: not a number, or too large for memory. */
static uint64_t take_value(const char *line, const char *end, bool *ret_is_count)
{
	uint64_t value;
	const char *p = line;

	while (*p == ' ')
		p++;
	p = digits_parse_dec(p, &value);
	*ret_is_count = p == end;
	if (!p || value > VALUE_MAX)
		return UNKNOWN;
	if (*ret_is_count)
		return value;
	if ((size_t)(end - p) != sizeof(SUFFIX) - 1 || memcmp(p, SUFFIX, sizeof(SUFFIX) - 1) != 0)
		return UNKNOWN;
	return value * 1024;
}

static bool has_key(const struct smaps_line *learnt, const char *line, size_t len)
{
	return learnt->key_len > 0 && len >= learnt->key_len &&
	       memcmp(learnt->key, line, learnt->key_len) == 0;
}

/* Whether a line has the flags, and they are wanted. */
static bool is_flags(const struct smaps_line *learnt, const struct facts *facts)
{
	return facts->usage.keeps_flags && has_key(learnt, FLAGS_KEY, sizeof(FLAGS_KEY) - 1);
}

/* Learns from a line's key what it is about. */
static void learn(struct smaps_line *learnt, struct facts *facts, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	size_t key_len = colon ? (size_t)(colon + 1 - line) : 0;
	enum counter counter;
	bool is_count;

	learnt->key_len = 0;
	learnt->is_plain = false;
	if (key_len < 2 || key_len > sizeof(learnt->key))
		return;
	memcpy(learnt->key, line, key_len);
	learnt->key_len = key_len;
	learnt->slot = -1;
	counter = counter_find(line, key_len - 1);
	if (counter < N_KERNEL_COUNTERS)
		learnt->slot = usage_slot(&facts->usage, counter);
	else if (facts->usage.keeps_all && strncmp(line, "Size:", key_len) != 0 &&
		 take_value(line + key_len, line + len, &is_count) != UNKNOWN)
		learnt->slot = usage_unknown_slot(&facts->usage, line, key_len - 1, is_count);
	if (key_len > KEY_WIDTH || len < KEY_WIDTH)
		return;
	memcpy(learnt->head, line, KEY_WIDTH);
	learnt->len = len;
	learnt->is_plain = learnt->slot < 0 ? !is_flags(learnt, facts) : len == SHAPE_LEN - 1;
}

/* Finds what was learnt about a line: first tries the line that is expected next, then looks it up. */
static const struct smaps_line *recognise(struct smaps_parser *parser, const char *line, size_t len)
{
	size_t i = parser->at;

	if (likely(i < LINES_MAX && has_key(&parser->lines[i], line, len)))
		return &parser->lines[parser->at++];
	for (i = 0; i < LINES_MAX && parser->lines[i].key_len > 0; i++)
		if (has_key(&parser->lines[i], line, len)) {
			parser->at = i + 1;
			return &parser->lines[i];
		}
	/* A new line: learnt if there is room, otherwise in the last place every time. */
	i = MIN(i, LINES_MAX - 1);
	learn(&parser->lines[i], parser->maps.facts, line, len);
	parser->at = i + 1;
	return parser->lines[i].key_len > 0 ? &parser->lines[i] : NULL;
}

static void take_counter(struct smaps_parser *parser, const char *line, size_t len)
{
	const struct smaps_line *learnt = recognise(parser, line, len);
	struct usage *usage = &parser->maps.facts->usage;
	bool is_count;

	if (!learnt)
		return;
	if (learnt->slot >= 0)
		usage_row(usage, last_row(parser))[learnt->slot] =
			take_value(line + learnt->key_len, line + len, &is_count);
	else if (is_flags(learnt, parser->maps.facts))
		usage_set_flags(usage, last_row(parser), line + learnt->key_len, len - learnt->key_len);
}

/* ---- the usual case: a line where it is expected, in the usual shape ---- */

/* The number in a line of the usual shape. False: it is not one. */
static inline bool take_shaped(const char *line, uint64_t *counter)
{
	const char *tail = line + KEY_WIDTH + VALUE_WIDTH;
	uint64_t kilobytes;

	if (memcmp(tail, SUFFIX "\n", sizeof(SUFFIX)) != 0 ||
	    !digits_parse_padded(line + KEY_WIDTH, &kilobytes))
		return false;
	*counter = kilobytes * 1024;
	return true;
}

/* Whether a line begins and ends as it did in the first record. */
static inline bool is_as_learnt(const struct smaps_line *learnt, const char *line, const char *end)
{
	return learnt->is_plain && (size_t)(end - line) > learnt->len && line[learnt->len] == '\n' &&
	       memcmp(line, learnt->head, KEY_WIDTH) == 0;
}

/*
 * Takes up to `n` lines from `p` on, as long as they match the first record. Returns the beginning
 * of the next line.
 */
static const char *take_expected(struct smaps_parser *parser, const char *p, const char *end, size_t n)
{
	uint64_t *row = usage_row(&parser->maps.facts->usage, last_row(parser));
	const struct smaps_line *learnt = parser->lines + parser->at;

	for (; n > 0 && is_as_learnt(learnt, p, end); learnt++, n--) {
		if (learnt->slot >= 0 && !take_shaped(p, row + learnt->slot))
			break;
		p += learnt->len + 1;
	}
	parser->at = (size_t)(learnt - parser->lines);
	return p;
}

/* A mapping's line begins with a lower-case hexadecimal digit, a counter's with a capital letter. */
static bool is_mapping(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

/* Takes the mapping's line at *p, and moves *p past it. */
static int take_mapping(struct smaps_parser *parser, const char **p, const char *end, struct error *err)
{
	struct facts *facts = parser->maps.facts;
	int r = maps_parser_take(&parser->maps, p, end);

	if (r == -EBADMSG)
		error_set(err, r,
			  is_mapping(**p) ? "smaps: mapping %zu is not valid" :
					    "smaps: a figure comes before mapping %zu",
			  facts->n_mappings + 1);
	if (r < 0)
		return r;
	/* Settling an overlap may have removed rows. */
	if (unlikely(facts->usage.n_rows >= facts->n_mappings)) {
		facts->usage.n_rows = facts->n_mappings - 1;
		parser->records[0].len = parser->records[1].len = 0;
	}
	usage_set_rows(&facts->usage, facts->n_mappings);
	parser->at = 0;
	parser->has_mapping = true;
	return 0;
}

/* Takes counters until the next mapping begins. `p` is after their mapping's line, or after some of them. */
static const char *take_counters(struct smaps_parser *parser, const char *p, const char *end)
{
	while ((p = take_expected(parser, p, end, SIZE_MAX)) < end && !is_mapping(*p)) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));

		take_counter(parser, p, (size_t)(newline - p));
		p = newline + 1;
	}
	return p;
}

/* ---- the fastest case: the same counters as an earlier mapping ---- */

/*
 * Keeps a record without the flags, which come last: they differ between mappings that are
 * otherwise alike.
 */
static void remember(struct smaps_parser *parser, const char *text, const char *end)
{
	const char *newline = end - text > 1 ? memrchr(text, '\n', (size_t)(end - text) - 1) : NULL;
	bool has_flags = newline && (size_t)(end - newline) > sizeof(FLAGS_KEY) &&
			 memcmp(newline + 1, FLAGS_KEY, sizeof(FLAGS_KEY) - 1) == 0;
	size_t len = (size_t)((has_flags ? newline + 1 : end) - text);

	struct smaps_record *record = &parser->records[!parser->last];

	if (len > sizeof(record->text) || (!has_flags && memmem(text, len, FLAGS_KEY, sizeof(FLAGS_KEY) - 1)))
		return;
	memcpy(record->text, text, len);
	record->len = len;
	record->row = last_row(parser);
	record->at = parser->at - has_flags;
	parser->last = !parser->last;
}

static bool repeats(const struct smaps_record *record, const char *p, const char *end)
{
	return record->len > 0 && (size_t)(end - p) >= record->len &&
	       memcmp(p, record->text, record->len) == 0;
}

/* The record that is repeated at `p`, or NULL. One of the two is mostly that of untouched memory. */
static const struct smaps_record *find_repeated(struct smaps_parser *parser, const char *p, const char *end)
{
	if (repeats(&parser->records[parser->last], p, end))
		return &parser->records[parser->last];
	if (!repeats(&parser->records[!parser->last], p, end))
		return NULL;
	parser->last = !parser->last;
	return &parser->records[parser->last];
}

/* Takes the counters of a mapping. The first one is its size, which differs and is not wanted. */
static const char *take_record(struct smaps_parser *parser, const char *p, const char *end)
{
	const char *second = take_expected(parser, p, end, 1);
	bool may_repeat = second > p && parser->lines[0].slot < 0;
	const struct smaps_record *record = may_repeat ? find_repeated(parser, second, end) : NULL;

	if (record) {
		usage_repeat(&parser->maps.facts->usage, record->row, last_row(parser));
		parser->at = record->at;
		return take_counters(parser, second + record->len, end);
	}
	p = take_counters(parser, second, end);
	/* A record that ends with the text may continue in the next piece. */
	if (may_repeat && p < end)
		remember(parser, second, p);
	return p;
}

int smaps_parser_feed(struct smaps_parser *parser, const char *text, size_t len, size_t *ret_used,
		      struct error *err)
{
	const char *last = memrchr(text, '\n', len);
	const char *end = last ? last + 1 : text;
	const char *p = text;
	int r = 0;

	if (parser->has_mapping)
		p = take_counters(parser, p, end);
	while (r == 0 && p < end) {
		r = take_mapping(parser, &p, end, err);
		if (r == 0)
			p = take_record(parser, p, end);
	}
	*ret_used = (size_t)(p - text);
	return r;
}

size_t smaps_parser_n_taken(const struct smaps_parser *parser)
{
	return parser->maps.n_taken;
}
