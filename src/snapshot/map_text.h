/* SPDX-License-Identifier: MIT */
/*
 * The text of /proc/PID/maps or smaps as a source, for example from a bug report: perhaps with blanks or
 * quote marks before each line, with the line ends of another system, with a prompt above and below it,
 * or cut off. Only names, access rights and counters are known: no file is opened.
 */
#pragma once

#include "source/source.h"

struct map_text {
	struct source source; /* gives one target */
	char *text;	      /* the lines of the map, and nothing else */
	size_t len;
	size_t n_skipped; /* lines between them that do not belong to a map */
	bool is_smaps, is_cut_off;
};

/*
 * Takes ownership of the text, which has a NUL after it. Call source_close() in the end, even if this
 * fails. 0; -ENOEXEC: there is no map in the text.
 */
int map_text_open(struct map_text *map, char *text, size_t len, struct error *err) _must_check_;
