/* SPDX-License-Identifier: MIT */
#include "proc/smaps.h"

#include <errno.h>
#include <string.h>

#include "base/digits.h"

#define SUFFIX " kB"
#define SHAPE_LEN (SMAPS_KEY_WIDTH + SMAPS_VALUE_WIDTH + sizeof(SUFFIX)) /* newline included */
#define VALUE_MAX (UINT64_C(1) << 48) /* kB: more than any address space, and sums of it are no trouble */
#define FLAGS_KEY "VmFlags:"

/* The number in [line, end), in bytes where its unit is kB; UNKNOWN if it is none, or too large for memory. */
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

/* Whether it is the line of flags, and these are wanted. */
static bool is_flags(const struct smaps_line *learnt, const struct facts *facts)
{
	return facts->usage.keeps_all && has_key(learnt, FLAGS_KEY, sizeof(FLAGS_KEY) - 1);
}

/* What a line is about, found out by its key. */
static void learn(struct smaps_line *learnt, struct facts *facts, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	size_t key_len = colon ? (size_t)(colon + 1 - line) : 0;
	enum figure figure;
	bool is_count;

	learnt->key_len = 0;
	learnt->is_plain = false;
	if (key_len < 2 || key_len > sizeof(learnt->key))
		return;
	memcpy(learnt->key, line, key_len);
	learnt->key_len = key_len;
	learnt->slot = -1;
	figure = figure_find(line, key_len - 1);
	if (figure < N_KERNEL_FIGURES)
		learnt->slot = usage_slot(&facts->usage, figure);
	else if (facts->usage.keeps_all && strncmp(line, "Size:", key_len) != 0 &&
		 take_value(line + key_len, line + len, &is_count) != UNKNOWN)
		learnt->slot = usage_unknown_slot(&facts->usage, line, key_len - 1, is_count);
	if (key_len > SMAPS_KEY_WIDTH || len < SMAPS_KEY_WIDTH)
		return;
	memcpy(learnt->head, line, SMAPS_KEY_WIDTH);
	learnt->len = len;
	learnt->is_plain = learnt->slot < 0 ? !is_flags(learnt, facts) : len == SHAPE_LEN - 1;
}

/* The line of the record that is expected next, if it is this one; else one that fits is looked up. */
static const struct smaps_line *recognise(struct smaps_parser *parser, struct facts *facts, const char *line,
					  size_t len)
{
	size_t i = parser->at;

	if (likely(i < SMAPS_LINES_MAX && has_key(&parser->lines[i], line, len)))
		return &parser->lines[parser->at++];
	for (i = 0; i < SMAPS_LINES_MAX && parser->lines[i].key_len > 0; i++)
		if (has_key(&parser->lines[i], line, len)) {
			parser->at = i + 1;
			return &parser->lines[i];
		}
	/* New: learnt where there is room, and otherwise in the last place, again and again. */
	i = MIN(i, SMAPS_LINES_MAX - 1);
	learn(&parser->lines[i], facts, line, len);
	parser->at = i + 1;
	return parser->lines[i].key_len > 0 ? &parser->lines[i] : NULL;
}

static void take_figure(struct smaps_parser *parser, struct facts *facts, const char *line, size_t len)
{
	const struct smaps_line *learnt = recognise(parser, facts, line, len);
	bool is_count;

	if (!learnt)
		return;
	if (learnt->slot >= 0)
		usage_row(&facts->usage, facts->n_mappings - 1)[learnt->slot] =
			take_value(line + learnt->key_len, line + len, &is_count);
	else if (is_flags(learnt, facts))
		usage_set_flags(&facts->usage, facts->n_mappings - 1, line + learnt->key_len,
				len - learnt->key_len);
}

/* ---- the plain case: a line where it is expected, in the shape that it always has ---- */

/* The number of a line of the usual shape. False where it is none. */
static inline bool take_shaped(const char *line, uint64_t *figure)
{
	const char *tail = line + SMAPS_KEY_WIDTH + SMAPS_VALUE_WIDTH;
	uint64_t kilobytes;

	if (memcmp(tail, SUFFIX "\n", sizeof(SUFFIX)) != 0 ||
	    !digits_parse_padded(line + SMAPS_KEY_WIDTH, &kilobytes))
		return false;
	*figure = kilobytes * 1024;
	return true;
}

/* Whether a line begins and ends as it did in the first record. */
static inline bool is_as_learnt(const struct smaps_line *learnt, const char *line, const char *end)
{
	return learnt->is_plain && (size_t)(end - line) > learnt->len && line[learnt->len] == '\n' &&
	       memcmp(line, learnt->head, SMAPS_KEY_WIDTH) == 0;
}

/*
 * Takes up to `n` lines from `p` on for as long as they are those of the first record. Returns where
 * one begins that has to be looked at.
 */
static const char *take_expected(struct smaps_parser *parser, struct facts *facts, const char *p,
				 const char *end, size_t n)
{
	uint64_t *row = usage_row(&facts->usage, facts->n_mappings - 1);
	const struct smaps_line *learnt = parser->lines + parser->at;

	for (; n > 0 && is_as_learnt(learnt, p, end); learnt++, n--) {
		if (learnt->slot >= 0 && !take_shaped(p, row + learnt->slot))
			break;
		p += learnt->len + 1;
	}
	parser->at = (size_t)(learnt - parser->lines);
	return p;
}

/* A mapping's line begins with a hexadecimal digit in lower case, a figure's with a capital. */
static bool is_mapping(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

/* As parse_maps_line(). A line that is none, or contradicts others, ends the reading: *ret. */
static const char *take_mapping(struct smaps_parser *parser, struct facts *facts, const char *line,
				const char *end, enum overlap overlap, int *ret, struct error *err)
{
	struct maps_line fields = { 0 };
	const char *after = parse_maps_line(line, end, &fields);

	if (!after) {
		*ret = error_set(err, -EBADMSG,
				 is_mapping(*line) ? "smaps: mapping %zu is not one" :
						     "smaps: a figure comes before mapping %zu",
				 facts->n_mappings + 1);
		return line;
	}
	*ret = parse_maps_add(facts, &fields, overlap, &parser->object);
	if (*ret < 0)
		return line;
	/* An overlap that was settled may have removed rows. */
	if (unlikely(facts->usage.n_rows >= facts->n_mappings)) {
		facts->usage.n_rows = facts->n_mappings - 1;
		parser->records[0].len = parser->records[1].len = 0;
	}
	usage_set_rows(&facts->usage, facts->n_mappings);
	parser->at = 0;
	parser->has_mapping = true;
	return after;
}

/* Figures, until the next mapping begins. `p` comes after the mapping that they are of, or after some of them. */
static const char *take_figures(struct smaps_parser *parser, struct facts *facts, const char *p,
				const char *end)
{
	while ((p = take_expected(parser, facts, p, end, SIZE_MAX)) < end && !is_mapping(*p)) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));

		take_figure(parser, facts, p, (size_t)(newline - p));
		p = newline + 1;
	}
	return p;
}

/* ---- the plainest case: figures as they were of the mapping before ---- */

/* Without the flags, which come last: they differ between mappings that are alike otherwise. */
static void remember(struct smaps_parser *parser, const struct facts *facts, const char *text,
		     const char *end)
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
	record->row = facts->n_mappings - 1;
	record->at = parser->at - has_flags;
	parser->last = !parser->last;
}

static bool repeats(const struct smaps_record *record, const char *p, const char *end)
{
	return record->len > 0 && (size_t)(end - p) >= record->len &&
	       memcmp(p, record->text, record->len) == 0;
}

/* The record that is repeated at `p`, or NULL. Of two, one is mostly that of memory that nobody has touched. */
static const struct smaps_record *find_repeated(struct smaps_parser *parser, const char *p, const char *end)
{
	if (repeats(&parser->records[parser->last], p, end))
		return &parser->records[parser->last];
	if (!repeats(&parser->records[!parser->last], p, end))
		return NULL;
	parser->last = !parser->last;
	return &parser->records[parser->last];
}

/* The figures of a mapping. The first is its size: that differs, and nobody wants it. */
static const char *take_record(struct smaps_parser *parser, struct facts *facts, const char *p,
			       const char *end)
{
	const char *second = take_expected(parser, facts, p, end, 1);
	bool may_repeat = second > p && parser->lines[0].slot < 0;
	const struct smaps_record *record = may_repeat ? find_repeated(parser, second, end) : NULL;

	if (record) {
		usage_repeat(&facts->usage, record->row, facts->n_mappings - 1);
		parser->at = record->at;
		return take_figures(parser, facts, second + record->len, end);
	}
	p = take_figures(parser, facts, second, end);
	/* What ends with the text may go on with the next one. */
	if (may_repeat && p < end)
		remember(parser, facts, second, p);
	return p;
}

int parse_smaps(struct smaps_parser *parser, struct facts *facts, const char *text, size_t len,
		enum overlap overlap, size_t *ret_used, struct error *err)
{
	const char *last = memrchr(text, '\n', len);
	const char *end = last ? last + 1 : text;
	const char *p = text;
	int r = 0;

	if (parser->has_mapping)
		p = take_figures(parser, facts, p, end);
	while (r == 0 && p < end) {
		p = take_mapping(parser, facts, p, end, overlap, &r, err);
		if (r == 0)
			p = take_record(parser, facts, p, end);
	}
	*ret_used = (size_t)(p - text);
	return r;
}
