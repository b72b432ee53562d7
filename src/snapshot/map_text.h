/* SPDX-License-Identifier: MIT */
/*
 * The text of somebody's /proc/PID/maps or smaps as a source: as it was pasted into a bug report, perhaps with blanks
 * or marks of quotation before each line, with the line ends of another system, with a prompt above and below it, or
 * cut off. Only names, access rights and counters are known: no file is opened.
 */
#pragma once

#include "source/source.h"

struct map_text {
	struct source source; /* to be asked for one target */
	char *text;	      /* the lines of the map, and nothing else */
	size_t len;
	size_t n_skipped; /* lines between them that were none */
	bool is_smaps, is_cut_off;
};

/*
 * Takes over the text, with a NUL behind it. Ends with source_close(), also when it fails. 0; -ENOEXEC: there is no
 * map in it.
 */
int map_text_open(struct map_text *map, char *text, size_t len, struct error *err) _must_check_;
