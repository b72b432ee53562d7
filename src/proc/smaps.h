/* SPDX-License-Identifier: MIT */
/*
 * The text of /proc/PID/smaps (proc(5)): each line of maps, followed by a line per figure.
 * Pure: text in, mappings and their usage out.
 *
 * The kernel writes the same keys for every mapping, so the first record teaches what the
 * others look like; a line that is different is read the slow way. Figures often repeat:
 * those that were read last, and those that differed before them, are not read again.
 */
#pragma once

#include <stddef.h>

#include "base/digits.h"
#include "base/error.h"
#include "model/facts.h"
#include "proc/maps.h"

/* The shape of nearly all lines: a key, blanks, a number on the right of its field, " kB". */
#define SMAPS_KEY_WIDTH 16
#define SMAPS_VALUE_WIDTH DIGITS_PADDED

#define SMAPS_LINES_MAX 40    /* of a record that are learnt; the kernel has 24 */
#define SMAPS_RECORD_MAX 2048 /* bytes of a record that may be repeated; the kernel writes some 700 */

struct smaps_parser {
	struct smaps_line {
		char key[64];
		size_t key_len;		    /* with its colon; 0: not learnt */
		int slot;		    /* in the usage table; -1: not wanted */
		char head[SMAPS_KEY_WIDTH]; /* how it begins */
		size_t len;		    /* without its newline, when it was learnt */
		bool is_plain;		    /* not wanted, or a figure in the usual shape */
	} lines[SMAPS_LINES_MAX + 1];	    /* the last one is never learnt */
	size_t at;			    /* the line of the record that comes next */
	uint32_t object;		    /* of the last mapping */
	bool has_mapping;
	struct smaps_record {
		char text[SMAPS_RECORD_MAX]; /* all lines but the size and the flags */
		size_t len;		     /* 0: none */
		size_t row, at;		     /* whose they are, and what comes after them */
	} records[2];			     /* that may be repeated: the last ones that differ, */
	unsigned last;			     /* and which of the two was seen last */
};

/*
 * Appends the mappings of all whole lines in `text` and fills facts->usage, which usage_init()
 * has made; *ret_used are the bytes that were taken. `parser` begins zeroed and goes from
 * piece to piece. Errors as for parse_maps().
 */
int parse_smaps(struct smaps_parser *parser, struct facts *facts, const char *text, size_t len,
		enum overlap overlap, size_t *ret_used, struct error *err);
