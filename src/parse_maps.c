/* SPDX-License-Identifier: MIT */
#include "parse_maps.h"

#include <errno.h>
#include <string.h>

/* 1 + the value of a hexadecimal digit in lower case, as the kernel writes them; 0 for others. */
static const uint8_t hex_digits[256] = {
	['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
	['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

#define DIGITS_MAX 16
#define ONES (UINT64_MAX / 15) /* the digit 1, DIGITS_MAX times */

/*
 * Reads a number and the character that must follow it; the text ends in something that is
 * no digit. Returns what comes after, or NULL.
 */
static inline const char *take_hex(const char *p, char after, uint64_t *ret)
{
	const char *first = p;
	uint64_t value = 0;
	uint64_t digit;
	ptrdiff_t n;

	for (; (digit = hex_digits[(unsigned char)*p]) != 0; p++)
		value = (value << 4) + digit;
	n = p - first;
	if (n == 0 || n > DIGITS_MAX || *p != after)
		return NULL;
	/* Each digit went in as one more than it is. */
	*ret = value - (ONES >> 4 * (DIGITS_MAX - n));
	return p + 1;
}

static inline const char *take_inode(const char *p, uint64_t *ret)
{
	const char *first = p;
	uint64_t value = 0;

	while (*p >= '0' && *p <= '9')
		value = value * 10 + (uint64_t)(*p++ - '0');
	if (p == first || p - first > 20)
		return NULL;
	*ret = value;
	return p;
}

static inline const char *take_perms(const char *p, unsigned *ret)
{
	if ((p[0] != 'r' && p[0] != '-') || (p[1] != 'w' && p[1] != '-') || (p[2] != 'x' && p[2] != '-') ||
	    (p[3] != 's' && p[3] != 'p') || p[4] != ' ')
		return NULL;
	*ret = (p[0] == 'r' ? PERM_R : 0u) | (p[1] == 'w' ? PERM_W : 0u) | (p[2] == 'x' ? PERM_X : 0u) |
	       (p[3] == 's' ? PERM_SHARED : 0u);
	return p + 5;
}

#define SHORTEST_LINE (sizeof("0-1 ---p 0 0:0 0") - 1)

bool parse_maps_line(const char *line, size_t len, struct maps_line *ret)
{
	const char *end = line + len;
	const char *p = line;
	uint64_t major, minor;

	if (len < SHORTEST_LINE || !(p = take_hex(p, '-', &ret->start)) ||
	    !(p = take_hex(p, ' ', &ret->end)) || ret->start >= ret->end || end - p < 5 ||
	    !(p = take_perms(p, &ret->perms)) || !(p = take_hex(p, ' ', &ret->offset)) ||
	    !(p = take_hex(p, ':', &major)) || !(p = take_hex(p, ' ', &minor)) ||
	    !(p = take_inode(p, &ret->inode)) || major > UINT32_MAX || minor > UINT32_MAX)
		return false;
	ret->major = (uint32_t)major;
	ret->minor = (uint32_t)minor;
	if (p < end && *p != ' ')
		return false;
	/* No name begins with a blank, but one may end in blanks. */
	while (p < end && *p == ' ')
		p++;
	ret->name = p < end ? p : NULL;
	ret->name_len = (size_t)(end - p);
	return true;
}

static uint32_t object_of(struct addrspace *as, const struct maps_line *line, uint32_t last)
{
	const struct object *object = as->objects[last];

	if (!line->name && line->inode == 0)
		return 0;
	if (object->inode == line->inode && object->minor == line->minor && object->major == line->major &&
	    object->name_len == line->name_len && line->name && object->name &&
	    memcmp(object->name, line->name, line->name_len) == 0)
		return last;
	return addrspace_object(as, line->major, line->minor, line->inode, line->name, line->name_len);
}

static void settle_overlap(struct addrspace *as, uint64_t start)
{
	while (as->n_mappings > 0 && as->mappings[as->n_mappings - 1].end > start) {
		struct mapping *older = &as->mappings[as->n_mappings - 1];

		if (older->start < start)
			older->end = start;
		else
			as->n_mappings--;
	}
}

int parse_maps_add(struct addrspace *as, const struct maps_line *line, enum overlap overlap, uint32_t *object)
{
	if (as->n_mappings > 0 && line->start < as->mappings[as->n_mappings - 1].end) {
		if (overlap == OVERLAP_REFUSE)
			return -ESTALE;
		settle_overlap(as, line->start);
	}
	*object = object_of(as, line, *object);
	addrspace_add_mapping(as, &(struct mapping){
					  .start = line->start,
					  .end = line->end,
					  .offset = line->offset,
					  .object = *object,
					  .perms = (uint8_t)line->perms,
				  });
	return 0;
}

int parse_maps(struct addrspace *as, const char *text, size_t len, enum overlap overlap, size_t *ret_used,
	       struct error *err)
{
	const char *p = text;
	const char *newline;
	uint32_t object = 0;
	struct maps_line line;
	int r = 0;

	while (r == 0 && (newline = memchr(p, '\n', len - (size_t)(p - text)))) {
		if (!parse_maps_line(p, (size_t)(newline - p), &line))
			return error_set(err, -EBADMSG, "maps: line %zu is not one of a memory map",
					 as->n_mappings + 1);
		r = parse_maps_add(as, &line, overlap, &object);
		p = newline + 1;
	}
	*ret_used = (size_t)(p - text);
	return r;
}
