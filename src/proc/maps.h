/* SPDX-License-Identifier: MIT */
/*
 * The text of /proc/PID/maps (proc(5), and show_map_vma() in the kernel's fs/proc/task_mmu.c).
 * Pure: text in, mappings out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/facts.h"

struct maps_line {
	uint64_t start, end, offset, inode;
	uint32_t major, minor;
	unsigned perms;
	const char *name; /* inside the line; NULL when there is none */
	size_t name_len;
	const char *end_text; /* of `end`, inside the line; NULL where it has an unusual length */
};

/*
 * One line of a text, which ends with a newline right before `end`. *ret is the line before it in that
 * text, or zeroed. Returns what comes after the line, or NULL when it is not one of a map.
 */
const char *parse_maps_line(const char *line, const char *end, struct maps_line *ret);

/*
 * What to do with a mapping that begins below the end of the one before it. The kernel writes
 * a few pages of text at a time and lets the process go on in between, so what was just
 * reported may have merged with its successor and be reported again.
 */
enum overlap {
	OVERLAP_REFUSE, /* -ESTALE: the caller reads again */
	OVERLAP_SETTLE, /* the newer report wins; what is left of the older one stays */
};

/*
 * Appends the mapping of a line. *object is that of the line before, 0 at first: neighbours
 * mostly name the same. 0 or -ESTALE.
 */
int parse_maps_add(struct facts *facts, const struct maps_line *line, enum overlap overlap, uint32_t *object);

/*
 * Appends the mappings of all whole lines in text; *ret_used are the bytes that these took.
 * 0, -ESTALE (see above), or -EBADMSG for a line that is not one.
 */
int parse_maps(struct facts *facts, const char *text, size_t len, enum overlap overlap, size_t *ret_used,
	       struct error *err);
