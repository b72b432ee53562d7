/* SPDX-License-Identifier: MIT */
#include "proc/parse_maps.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/digits.h"
#include "base/mem.h"
#include "base/range.h"

struct line {
	uint64_t start, end, offset, inode;
	uint32_t major, minor;
	unsigned perms;
	const char *name; /* inside the line; NULL when there is none */
	size_t name_len;
};

/* Reads a number and the character that must follow it. Returns what comes after, or NULL. */
static inline const char *take_hex(const char *p, char after, uint64_t *ret)
{
	p = digits_parse_hex(p, ret);
	return p && *p == after ? p + 1 : NULL;
}

/* The same for a number that mostly has at least eight digits. */
_always_inline_ static inline const char *take_long_hex(const char *p, const char *end, char after,
							uint64_t *ret)
{
	p = digits_parse_long_hex(p, end, ret);
	return p && *p == after ? p + 1 : NULL;
}

static inline bool is_same_address(const char *a, const char *b)
{
	return memcmp(a, b, 8) == 0 && memcmp(a + MAPS_ADDRESS_LEN - 8, b + MAPS_ADDRESS_LEN - 8, 8) == 0;
}

/* A mapping mostly begins where the one before it ended. */
static inline const char *take_start(const struct maps_parser *parser, const char *p, const char *end,
				     uint64_t *ret)
{
	if (parser->has_end_text && is_same_address(p, parser->end_text) && p[MAPS_ADDRESS_LEN] == '-') {
		*ret = parser->end;
		return p + MAPS_ADDRESS_LEN + 1;
	}
	return take_long_hex(p, end, '-', ret);
}

static inline const char *take_end(struct maps_parser *parser, const char *p, const char *end, uint64_t *ret)
{
	const char *after = take_long_hex(p, end, ' ', ret);

	parser->has_end_text = after == p + MAPS_ADDRESS_LEN + 1;
	if (parser->has_end_text) {
		parser->end = *ret;
		memcpy(parser->end_text, p, MAPS_ADDRESS_LEN);
	}
	return after;
}

#define NO_OFFSET "00000000 "

/* Zero for memory without a file, and at the beginning of a file. */
static inline const char *take_offset(const char *p, const char *end, uint64_t *ret)
{
	if (end - p >= (ptrdiff_t)sizeof(NO_OFFSET) - 1 && memcmp(p, NO_OFFSET, sizeof(NO_OFFSET) - 1) == 0) {
		*ret = 0;
		return p + sizeof(NO_OFFSET) - 1;
	}
	return take_long_hex(p, end, ' ', ret);
}

static inline const char *take_perms(const char *p, unsigned *ret)
{
	/* The bits by which letters differ from dashes, and 's' from 'p'. */
	unsigned perms = (p[0] & 0x40 ? PERM_R : 0u) | (p[1] & 0x40 ? PERM_W : 0u) |
			 (p[2] & 0x40 ? PERM_X : 0u) | (p[3] & 1 ? PERM_SHARED : 0u);

	*ret = perms;
	return memcmp(p, perms_text(perms), 4) == 0 && p[4] == ' ' ? p + 5 : NULL;
}

#define NO_FILE "00:00 0 "

/* Device and inode: zeroes for all memory without a file, which is most of it. */
static inline const char *take_file(const char *p, const char *end, struct line *ret)
{
	uint64_t major, minor;

	ret->major = ret->minor = 0;
	ret->inode = 0;
	if (end - p >= (ptrdiff_t)sizeof(NO_FILE) - 1 && memcmp(p, NO_FILE, sizeof(NO_FILE) - 1) == 0)
		return p + sizeof(NO_FILE) - 2;
	if (!(p = take_hex(p, ':', &major)) || !(p = take_hex(p, ' ', &minor)) || major > UINT32_MAX ||
	    minor > UINT32_MAX)
		return NULL;
	ret->major = (uint32_t)major;
	ret->minor = (uint32_t)minor;
	return digits_parse_dec(p, &ret->inode);
}

/* The rest of a line: a name, or nothing. Returns what comes after it. */
static inline const char *take_name(const char *p, const char *end, struct line *ret)
{
	const char *newline;

	/* No name begins with a blank, but one may end in blanks. */
	while (*p == ' ')
		p++;
	newline = *p == '\n' ? p : memchr(p, '\n', (size_t)(end - p));
	ret->name = newline > p ? p : NULL;
	ret->name_len = (size_t)(newline - p);
	return newline + 1;
}

#define SHORTEST_LINE (sizeof("0-1 ---p 0 0:0 0\n") - 1)

/* Returns what comes after the line, or NULL if it is not a line of maps. */
static inline const char *take_line(struct maps_parser *parser, const char *p, const char *end,
				    struct line *ret)
{
	if (end - p < (ptrdiff_t)SHORTEST_LINE || !(p = take_start(parser, p, end, &ret->start)) ||
	    !(p = take_end(parser, p, end, &ret->end)) || ret->start >= ret->end || end - p < 5 ||
	    !(p = take_perms(p, &ret->perms)) || !(p = take_offset(p, end, &ret->offset)) ||
	    !(p = take_file(p, end, ret)) || (*p != ' ' && *p != '\n'))
		return NULL;
	return take_name(p, end, ret);
}

/*
 * No path is longer than PATH_MAX, so a longer name has newlines, which are written as \012. Kept like
 * that, the names of tens of thousands of files would take four times as much memory as any others.
 * Only the link in map_files tells whether a \012 is part of the path itself.
 */
#define NAME_LEN_MAX (PATH_MAX + sizeof(DELETED_SUFFIX))

/* A copy of a name with newlines; the caller frees it. */
static char *unescape(const char *name, size_t *len)
{
	char *copy = mem_copy(name, *len);
	size_t n = 0;

	for (size_t i = 0; i < *len; i++) {
		bool is_newline = *len - i >= 4 && memcmp(name + i, "\\012", 4) == 0;

		copy[n++] = is_newline ? '\n' : name[i];
		i += is_newline ? 3 : 0;
	}
	copy[n] = '\0';
	*len = n;
	return copy;
}

static uint32_t find_object(const struct maps_parser *parser, const struct line *line)
{
	size_t len = line->name_len;
	_cleanup_free_ char *name = len > NAME_LEN_MAX ? unescape(line->name, &len) : NULL;

	return facts_object(parser->facts, line->major, line->minor, line->inode, name ? name : line->name,
			    len);
}

static uint32_t object_of(const struct maps_parser *parser, const struct line *line)
{
	const struct object *last = parser->facts->objects[parser->object];

	if (!line->name && (line->inode | line->major | line->minor) == 0)
		return 0;
	if (last->inode == line->inode && last->minor == line->minor && last->major == line->major &&
	    last->name_len == line->name_len && line->name && last->name &&
	    memcmp(last->name, line->name, line->name_len) == 0)
		return parser->object;
	return find_object(parser, line);
}

static int add_mapping(struct maps_parser *parser, const struct line *line)
{
	struct facts *facts = parser->facts;

	if (facts->n_mappings > 0 && line->start < facts->mappings[facts->n_mappings - 1].end) {
		if (parser->overlap == OVERLAP_REFUSE)
			return -ESTALE;
		facts->n_mappings = range_end_at(facts->mappings, facts->n_mappings, sizeof(*facts->mappings),
						 line->start);
	}
	parser->n_taken++;
	parser->object = object_of(parser, line);
	/*
	 * Built in place: copying a struct with wide moves just after narrow writes to it stalls
	 * the processor.
	 */
	*facts_append_mapping(facts) = (struct mapping){
		.start = line->start,
		.end = line->end,
		.offset = line->offset,
		.object = parser->object,
		.perms = (uint8_t)line->perms,
	};
	return 0;
}

void maps_parser_init(struct maps_parser *parser, struct facts *facts, enum overlap overlap)
{
	*parser = (struct maps_parser){ .facts = facts, .overlap = overlap };
}

int maps_parser_take(struct maps_parser *parser, const char **p, const char *end)
{
	struct line line;
	const char *after = take_line(parser, *p, end, &line);
	int r = after ? add_mapping(parser, &line) : -EBADMSG;

	if (r == 0)
		*p = after;
	return r;
}

int maps_parser_feed(struct maps_parser *parser, const char *text, size_t len, size_t *ret_used,
		     struct error *err)
{
	const char *last = memrchr(text, '\n', len);
	const char *p = text;
	int r = 0;

	while (r == 0 && last && p <= last)
		r = maps_parser_take(parser, &p, last + 1);
	*ret_used = (size_t)(p - text);
	if (r == -EBADMSG)
		error_set(err, r, "maps: line %zu is not one of a memory map", parser->facts->n_mappings + 1);
	return r;
}
