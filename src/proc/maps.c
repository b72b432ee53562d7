/* SPDX-License-Identifier: MIT */
#include "proc/maps.h"

#include <errno.h>
#include <string.h>

#include "base/digits.h"

/* Reads a number and the character that must follow it. Returns what comes after, or NULL. */
static inline const char *take_hex(const char *p, char after, uint64_t *ret)
{
	p = digits_parse_hex(p, ret);
	return p && *p == after ? p + 1 : NULL;
}

/* The same of one that has eight digits at least, mostly. */
_always_inline_ static inline const char *take_long_hex(const char *p, const char *end, char after,
							uint64_t *ret)
{
	p = digits_parse_long_hex(p, end, ret);
	return p && *p == after ? p + 1 : NULL;
}

#define ADDRESS_LEN 12 /* characters of most addresses of 64-bit programs */

static inline bool is_same_address(const char *a, const char *b)
{
	return memcmp(a, b, 8) == 0 && memcmp(a + ADDRESS_LEN - 8, b + ADDRESS_LEN - 8, 8) == 0;
}

/* Where a mapping begins is mostly where the one before it has ended. */
static inline const char *take_start(const char *p, const char *end, struct maps_line *line)
{
	if (line->end_text && is_same_address(p, line->end_text) && p[ADDRESS_LEN] == '-') {
		line->start = line->end;
		return p + ADDRESS_LEN + 1;
	}
	return take_long_hex(p, end, '-', &line->start);
}

static inline const char *take_end(const char *p, const char *end, struct maps_line *line)
{
	const char *after = take_long_hex(p, end, ' ', &line->end);

	line->end_text = after == p + ADDRESS_LEN + 1 ? p : NULL;
	return after;
}

#define NO_OFFSET "00000000 "

/* Zero for all memory without a file, and where files begin. */
static inline const char *take_offset(const char *p, const char *end, struct maps_line *line)
{
	if (end - p >= (ptrdiff_t)sizeof(NO_OFFSET) - 1 && memcmp(p, NO_OFFSET, sizeof(NO_OFFSET) - 1) == 0) {
		line->offset = 0;
		return p + sizeof(NO_OFFSET) - 1;
	}
	return take_long_hex(p, end, ' ', &line->offset);
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
static inline const char *take_file(const char *p, const char *end, struct maps_line *ret)
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
static inline const char *take_name(const char *p, const char *end, struct maps_line *ret)
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

const char *parse_maps_line(const char *line, const char *end, struct maps_line *ret)
{
	const char *p = line;

	if (end - line < (ptrdiff_t)SHORTEST_LINE || !(p = take_start(p, end, ret)) ||
	    !(p = take_end(p, end, ret)) || ret->start >= ret->end || end - p < 5 ||
	    !(p = take_perms(p, &ret->perms)) || !(p = take_offset(p, end, ret)) ||
	    !(p = take_file(p, end, ret)) || (*p != ' ' && *p != '\n'))
		return NULL;
	return take_name(p, end, ret);
}

static uint32_t object_of(struct facts *facts, const struct maps_line *line, uint32_t last)
{
	const struct object *object = facts->objects[last];

	if (!line->name && (line->inode | line->major | line->minor) == 0)
		return 0;
	if (object->inode == line->inode && object->minor == line->minor && object->major == line->major &&
	    object->name_len == line->name_len && line->name && object->name &&
	    memcmp(object->name, line->name, line->name_len) == 0)
		return last;
	return facts_object(facts, line->major, line->minor, line->inode, line->name, line->name_len);
}

static void settle_overlap(struct facts *facts, uint64_t start)
{
	while (facts->n_mappings > 0 && facts->mappings[facts->n_mappings - 1].end > start) {
		struct mapping *older = &facts->mappings[facts->n_mappings - 1];

		if (older->start < start)
			older->end = start;
		else
			facts->n_mappings--;
	}
}

int parse_maps_add(struct facts *facts, const struct maps_line *line, enum overlap overlap, uint32_t *object)
{
	if (facts->n_mappings > 0 && line->start < facts->mappings[facts->n_mappings - 1].end) {
		if (overlap == OVERLAP_REFUSE)
			return -ESTALE;
		settle_overlap(facts, line->start);
	}
	*object = object_of(facts, line, *object);
	facts_add_mapping(facts, &(struct mapping){
					 .start = line->start,
					 .end = line->end,
					 .offset = line->offset,
					 .object = *object,
					 .perms = (uint8_t)line->perms,
				 });
	return 0;
}

int parse_maps(struct facts *facts, const char *text, size_t len, enum overlap overlap, size_t *ret_used,
	       struct error *err)
{
	const char *last = memrchr(text, '\n', len);
	const char *p = text;
	uint32_t object = 0;
	struct maps_line line = { 0 };
	int r = 0;

	while (r == 0 && last && p <= last) {
		p = parse_maps_line(p, last + 1, &line);
		if (!p)
			return error_set(err, -EBADMSG, "maps: line %zu is not one of a memory map",
					 facts->n_mappings + 1);
		r = parse_maps_add(facts, &line, overlap, &object);
	}
	*ret_used = (size_t)(p - text);
	return r;
}
