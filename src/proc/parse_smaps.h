/* SPDX-License-Identifier: MIT */
/*
 * The text of /proc/PID/smaps (proc(5)): each line of maps, followed by a line per counter. Pure:
 * text in, mappings and their usage out.
 *
 * The kernel writes the same keys for every mapping, so the first record teaches what the others
 * look like; a line that differs is parsed the slow way. Counters often repeat, so the last two
 * records that differ are kept, and a record that repeats one of them is not parsed.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "model/facts.h"
#include "proc/parse_maps.h"

struct smaps_parser;

/* Appends mappings to facts, and their counters to facts->usage, which usage_init() has made. Both are borrowed. */
struct smaps_parser *smaps_parser_new(struct facts *facts, enum overlap overlap);
void smaps_parser_free(struct smaps_parser *parser);

/*
 * Takes all whole lines in a piece of text. *ret_used is how many bytes they took up; the next
 * piece must begin with the rest. Errors as for maps_parser_feed().
 */
int smaps_parser_feed(struct smaps_parser *parser, const char *text, size_t len, size_t *ret_used,
		      struct error *err) _must_check_;

/* How many mappings were taken so far, including those that settling has removed since. */
size_t smaps_parser_n_taken(const struct smaps_parser *parser);
