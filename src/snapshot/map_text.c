/* SPDX-License-Identifier: MIT */
#include "snapshot/map_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/digits.h"
#include "base/mem.h"
#include "proc/parse_smaps.h"
#include "proc/read_objects.h"

/* ---- the lines of a map ---- */

/* "55d0c8a00000-55d0c8a03000 r--p ", and more. The text ends in a newline or a NUL. */
static bool is_mapping(const char *line)
{
	uint64_t number;
	const char *p = digits_parse_hex(line, &number);

	if (!p || *p++ != '-' || !(p = digits_parse_hex(p, &number)) || *p++ != ' ')
		return false;
	return strchr("r-", *p) && *p && strchr("w-", p[1]) && p[1] && strchr("x-", p[2]) && p[2] &&
	       strchr("sp", p[3]) && p[3] && p[4] == ' ';
}

/* "Rss:  4 kB", "THPeligible: 0", "VmFlags: rd ex" */
static bool is_figure(const char *line)
{
	const char *p = line;

	while (is_letter_or_digit(*p) || *p == '_')
		p++;
	if (p == line || *p != ':')
		return false;
	if (strncmp(line, "VmFlags:", (size_t)(p + 1 - line)) == 0)
		return true;
	p++;
	while (*p == ' ' || *p == '\t')
		p++;
	return is_digit(*p);
}

/* Skips blanks and what mail and bug trackers put before a quoted line. */
static const char *skip_quotes(const char *line, const char *end)
{
	while (line < end && strchr(" \t>|", *line) && *line)
		line++;
	return line;
}

/* Moves the lines of the map to the front of the text, without what comes before and after them. */
struct cleaner {
	struct map_text *map;
	size_t n_mappings, n_other; /* other: lines since the last one of the map */
};

static void keep(struct cleaner *cleaner, const char *line, const char *end)
{
	struct map_text *map = cleaner->map;

	map->n_skipped += cleaner->n_other;
	cleaner->n_other = 0;
	memmove(map->text + map->len, line, (size_t)(end - line));
	map->len += (size_t)(end - line);
	map->text[map->len++] = '\n';
}

/* Whether a line without a newline looks complete; still, a number may have lost its last digits. */
static bool is_whole(const char *line, const char *end)
{
	size_t len = (size_t)(end - line);
	_cleanup_free_ char *text = mem_copy(line, len);
	struct maps_parser parser;
	const char *p = text;
	struct facts facts;
	int r;

	if (is_figure(line))
		return len > 3 && memcmp(end - 3, " kB", 3) == 0;
	text[len] = '\n';
	facts_init(&facts);
	maps_parser_init(&parser, &facts, OVERLAP_SETTLE);
	r = maps_parser_take(&parser, &p, text + len + 1);
	facts_done(&facts);
	return r == 0;
}

static void take_line(struct cleaner *cleaner, const char *line, const char *end)
{
	line = skip_quotes(line, end);
	if (cleaner->map->is_cut_off && !is_whole(line, end))
		return;
	if (end > line && end[-1] == '\r')
		end--;
	if (is_mapping(line)) {
		cleaner->n_mappings++;
		keep(cleaner, line, end);
	} else if (cleaner->n_mappings > 0 && is_figure(line)) {
		cleaner->map->is_smaps = true;
		keep(cleaner, line, end);
	} else if (cleaner->n_mappings > 0 && line < end) {
		cleaner->n_other++;
	}
}

/* ---- what was added to the end of every line ---- */

static bool ends_with(const char *line, const char *end, const char *tail)
{
	size_t len = strlen(tail);

	return (size_t)(end - line) >= len && memcmp(end - len, tail, len) == 0;
}

/* Whether each mapping ends with `tail`, whether it has a name or not: no kernel writes that. */
static bool all_end_with(const struct map_text *map, const char *tail)
{
	const char *newline;

	for (const char *line = map->text; line < map->text + map->len; line = newline + 1) {
		newline = memchr(line, '\n', (size_t)(map->text + map->len - line));
		if (is_mapping(line) && !ends_with(line, newline, tail))
			return false;
	}
	return true;
}

static void drop_ends(struct map_text *map, const char *tail)
{
	const char *end = map->text + map->len;
	char *to = map->text;
	const char *newline;

	for (const char *line = map->text; line < end; line = newline + 1) {
		const char *stop;

		newline = stop = memchr(line, '\n', (size_t)(end - line));
		if (ends_with(line, stop, tail))
			stop -= strlen(tail);
		while (*tail == ' ' && ends_with(line, stop, tail))
			stop--;
		memmove(to, line, (size_t)(stop - line));
		to += stop - line;
		*to++ = '\n';
	}
	map->len = (size_t)(to - map->text);
}

/* cat -A marks the end of each line; terminals and web pages fill lines up with blanks. */
static void drop_common_ends(struct map_text *map)
{
	if (all_end_with(map, "$"))
		drop_ends(map, "$");
	if (all_end_with(map, "^M"))
		drop_ends(map, "^M");
	if (all_end_with(map, " "))
		drop_ends(map, " ");
}

/* ---- all lines ---- */

/* Some editors put this at the beginning of UTF-8 text. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* Lines only become shorter, except that the last one may get a newline: the NUL makes room for it. */
static size_t clean(struct map_text *map, size_t len)
{
	struct cleaner cleaner = { .map = map };
	const char *end = map->text + len;
	size_t mark = strlen(BYTE_ORDER_MARK);
	size_t start = len >= mark && memcmp(map->text, BYTE_ORDER_MARK, mark) == 0 ? mark : 0;

	for (const char *line = map->text + start; line < end;) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const char *next = newline ? newline + 1 : end;

		map->is_cut_off = !newline;
		take_line(&cleaner, line, newline ? newline : end);
		line = next;
	}
	if (cleaner.n_mappings > 0)
		drop_common_ends(map);
	return cleaner.n_mappings;
}

/* ---- facts ---- */

/* Notes what is asked for but not in the text; pages and frames are noted where they are looked for. */
static void warn_of_missing(const struct map_text *map, struct facts *facts, const struct request *request)
{
	if (request->wants_threads)
		notes_warn(&facts->notes, "map-threads", "no threads: a memory map does not list them");
	if (request->needs & NEED_SHARING)
		notes_warn(&facts->notes, "map-sharing",
			   "no shared regions: a memory map shows no other processes");
	if (facts->usage.n_slots == 0 || map->is_smaps)
		return;
	if (!(request->needs & NEED_SHARING))
		notes_warn(&facts->notes, "map-figures",
			   "no figures: they are in smaps, and this is the text of maps");
	usage_done(&facts->usage);
	facts->usage.is_missing = true;
}

static void note_text(const struct map_text *map, struct facts *facts)
{
	if (map->n_skipped > 0)
		notes_warn(&facts->notes, "map-lines",
			   "%zu line%s among those of the map %s skipped: there may be more of it",
			   map->n_skipped, map->n_skipped == 1 ? "" : "s",
			   map->n_skipped == 1 ? "is" : "are");
	if (map->is_cut_off)
		notes_add(&facts->notes, "map-cut-off",
			  "the text ends in the middle of a line: there may be more of it");
}

/* Skips figures, which were not asked for. */
static int feed_mappings(const struct map_text *map, struct maps_parser *parser, struct error *err)
{
	const char *end = map->text + map->len;
	int r = 0;

	for (const char *p = map->text; p < end && r == 0;) {
		if (is_mapping(p))
			r = maps_parser_take(parser, &p, end);
		else
			p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
	}
	if (r == -EBADMSG)
		error_set(err, r, "mapping %zu is not valid", parser->facts->n_mappings + 1);
	return r;
}

static int parse(const struct map_text *map, struct facts *facts, struct error *err)
{
	struct maps_parser parser;
	struct smaps_parser *smaps;
	size_t used;
	int r;

	if (map->is_smaps && facts->usage.n_slots > 0) {
		smaps = smaps_parser_new(facts, OVERLAP_REFUSE);
		r = smaps_parser_feed(smaps, map->text, map->len, &used, err);
		smaps_parser_free(smaps);
	} else {
		maps_parser_init(&parser, facts, OVERLAP_REFUSE);
		r = feed_mappings(map, &parser, err);
	}
	if (r == -ESTALE)
		return error_set(
			err, -EBADMSG,
			"mapping %zu begins below the end of the one before it: give one map at a time",
			facts->n_mappings + 1);
	if (r == 0 && facts->usage.is_overfull)
		return error_set(err, -EBADMSG, "more figures or flags than any kernel writes");
	return r;
}

/* The largest of Linux's page sizes that all addresses are multiples of. */
static uint64_t find_page_size(const struct facts *facts)
{
	uint64_t bits = UINT64_C(1) << 16;

	for (size_t i = 0; i < facts->n_mappings; i++)
		bits |= facts->mappings[i].start | facts->mappings[i].end;
	return MAX(bits & -bits, 4096);
}

static int read_facts(struct source *source, const struct request *request, struct facts *facts,
		      struct error *err)
{
	struct map_text *map = (struct map_text *)source;
	int r;

	warn_of_missing(map, facts, request);
	note_text(map, facts);
	r = parse(map, facts, err);
	if (r < 0)
		return r;
	name_objects(facts);
	facts->taken_at = time(NULL);
	facts->page_size = find_page_size(facts);
	facts->process.virtual = facts_virtual(facts);
	return 0;
}

static int explain(struct source *source _unused_, const char *what _unused_, int code, struct error *err)
{
	return error_set(err, code, "the text of a memory map does not have them");
}

static void close_map(struct source *source)
{
	free(((struct map_text *)source)->text);
}

int map_text_open(struct map_text *map, char *text, size_t len, struct error *err)
{
	static const struct source_ops ops = { .read_facts = read_facts,
					       .explain = explain,
					       .close = close_map };

	*map = (struct map_text){ .source = { .ops = &ops }, .text = text };
	if (clean(map, len) > 0)
		return 0;
	return error_set(err, -ENOEXEC, "not an ELF file, a snapshot or the text of a memory map");
}
