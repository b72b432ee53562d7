/* SPDX-License-Identifier: MIT */
/*
 * Columns: a name, what its cells are, where they come from, and what it costs to have them.
 * Tables, sorting, --help and --list-columns all read the tables below. To add a column, write
 * its getter and its row.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addrspace.h"

enum cell_type {
	CELL_ADDRESS, /* number, in hexadecimal */
	CELL_SIZE,    /* number of bytes */
	CELL_NUMBER,
	CELL_DEVICE, /* number: major << 32 | minor */
	CELL_WORD,   /* text of ours */
	CELL_NAME,   /* text of others: any bytes */
	CELL_BYTES,  /* binary, shown in hexadecimal */
};

/* One typed value. Unknown: number is UNKNOWN, or text is NULL. Text is borrowed. */
struct cell {
	uint64_t number;
	const char *text;
	size_t len;
	bool is_plain; /* text_is_plain() is known to hold */
};

enum column_need {
	NEED_FILE_STATE = 1, /* what has become of each file */
};

struct column {
	const char *name;
	enum cell_type type;
	bool shrinks; /* gives way where the terminal is too narrow */
	unsigned needs;
	const char *help; /* one line, as --list-columns and the man page say it */
	struct cell (*get)(const struct addrspace *as, const void *row);
};

/* The columns of regions: `row` is a struct region. */
extern const struct column region_columns[];
extern const size_t n_region_columns;

/* What is shown unless something else is asked for. */
#define DEFAULT_COLUMNS "START,END,SIZE,PERMS,KIND,NAME"

/* The region column of that name in any case (not NUL-terminated), or NULL. */
const struct column *column_find(const char *name, size_t len);

/* The order of two cells of one type: <0, 0, >0; what is unknown comes first. */
int cell_compare(enum cell_type type, const struct cell *a, const struct cell *b);

/* "rw-p" for PERM_* bits, as in /proc/PID/maps. */
const char *perms_text(unsigned perms);

/*
 * The object that people call a region by: its mapping's, or, where that has no name, the file
 * of the module that it belongs to. NULL when it has neither.
 */
const struct object *region_name(const struct addrspace *as, const struct region *region);
