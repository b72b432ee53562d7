/* SPDX-License-Identifier: MIT */
/*
 * Columns: a name, what its cells are, where they come from, and what it costs to have them.
 * Tables, sorting, --help and --list-columns all read the table of region columns. To add a
 * column, write its getter and its row there.
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
	union {
		uint64_t number;
		const char *text;
	};
	size_t len;
	const char *colour; /* an ANSI colour for a terminal, or NULL */
	bool is_plain;	    /* text_is_plain() is known to hold */
	bool is_count;	    /* a number that is no size, in a column of sizes */
	bool is_word;	    /* a text of ours in a column of numbers */
};

enum column_need {
	NEED_FILE_STATE = 1, /* what has become of each file */
	NEED_FIGURE = 2,     /* column.figure */
	NEED_FLAGS = 4,	     /* VmFlags */
};

struct column {
	const char *name;
	enum cell_type type;
	bool shrinks; /* gives way where the terminal is too narrow */
	unsigned needs;
	enum figure figure; /* with NEED_FIGURE */
	const char *help;   /* one line, as --list-columns and the man page say it */
	struct cell (*get)(const struct column *column, const struct addrspace *as, const void *row);
};

/* The columns of regions: `row` is a struct region. */
extern const struct column region_columns[];

/* Cells of a number, of a text of ours (NULL: unknown), and of a kind's name in its colour. */
struct cell cell_number(uint64_t number);
struct cell cell_word(const char *text);
struct cell cell_kind(enum kind kind);

/* The name of an object; unknown for NULL. */
struct cell cell_name(const struct object *object);

extern const size_t n_region_columns;

/* What is shown unless columns are named: by itself, with -x, and with -X. */
#define DEFAULT_COLUMNS "START,END,SIZE,PERMS,KIND,NAME"
#define EXTENDED_COLUMNS "START,END,SIZE,RSS,PSS,DIRTY,SWAP,PERMS,KIND,NAME"
#define EVERY_FIGURE_COLUMNS                                                                      \
	"START,END,SIZE,RSS,PSS,PSS_DIRTY,USS,DIRTY,SHARED,SHARED_CLEAN,SHARED_DIRTY,"            \
	"PRIVATE_CLEAN,PRIVATE_DIRTY,REFERENCED,ANON,LAZYFREE,HUGE,ANONHUGEPAGES,SHMEMPMDMAPPED," \
	"FILEPMDMAPPED,HUGETLB,SHARED_HUGETLB,PRIVATE_HUGETLB,SWAP,SWAPPSS,LOCKED,KSM,"           \
	"THPELIGIBLE,PROTECTIONKEY,KERNELPAGESIZE,MMUPAGESIZE,PERMS,KIND,FLAGS,NAME"

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
