/* SPDX-License-Identifier: MIT */
/*
 * Columns: the name, the type of the cells, where they come from, and what must be read for them.
 * Each view has its own array of columns, which tables, sorting, --list-columns and the reading of
 * facts all use. To add a column, add an element there, and a getter if its cells are not a field
 * of the view's rows.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/space.h"
#include "model/request.h"

enum cell_type {
	CELL_ADDRESS, /* number, in hexadecimal */
	CELL_OFFSET,  /* likewise, but a number of bytes in JSON */
	CELL_SIZE,    /* number of bytes */
	CELL_CHANGE,  /* bytes by which something has grown or shrunk */
	CELL_NUMBER,
	CELL_DEVICE, /* number: major << 32 | minor */
	CELL_WORD,   /* our own text */
	CELL_NAME,   /* text from outside: any bytes */
	CELL_ANSWER, /* yes, no or unknown (enum answer, bool), in the column's words */
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
	bool is_count;	    /* a plain number in a column of sizes */
	bool is_word;	    /* our own text in a column of numbers */
	bool is_negative;   /* of CELL_CHANGE: it has shrunk by the number */
	uint8_t answer;	    /* of CELL_ANSWER, along with its word: enum answer */
};

/* Where a cell is in the data of a row, and its C type. */
enum field_type {
	FIELD_NONE,
	FIELD_U64,
	FIELD_U32,
	FIELD_U8,
	FIELD_BOOL,
	FIELD_INT, /* unknown if negative */
	FIELD_TEXT,
};

struct column_field {
	enum field_type type;
	bool is_behind;	  /* behind a pointer in the row; unknown if that is NULL */
	uint16_t pointer; /* the offset of that pointer */
	uint16_t offset;
};

#define FIELD_TYPE(value) \
	_Generic((value),            \
		uint64_t: FIELD_U64, \
		uint32_t: FIELD_U32, \
		uint8_t: FIELD_U8,   \
		bool: FIELD_BOOL,    \
		int32_t: FIELD_INT,  \
		char *: FIELD_TEXT,  \
		const char *: FIELD_TEXT)

/* A member of the row, and a member behind a pointer in the row. */
#define FIELD(row, member)                                                              \
	{                                                                               \
		.type = FIELD_TYPE(((row *)0)->member), .offset = offsetof(row, member) \
	}
#define FIELD_BEHIND(row, link, member)                                                                   \
	{                                                                                                 \
		.type = FIELD_TYPE(((row *)0)->link->member), .is_behind = true,                          \
		.pointer = offsetof(row, link), .offset = offsetof(__typeof__(*((row *)0)->link), member) \
	}

struct view;

/* A row, as getters see it. */
struct row {
	const void *data;	   /* of the type that rows of the view have */
	const struct space *space; /* that it belongs to */
	const struct view *view;   /* that shows it, maybe along with rows of other spaces */
};

struct json;
struct record;

/*
 * A column of tables, a key of JSON, or both. Those only in JSON come last in a view's array of
 * columns, which ends with { 0 }.
 */
struct column {
	const char *name; /* NULL: only in JSON */
	enum cell_type type;
	bool shrinks;	     /* is shortened if the terminal is too narrow, the last column first */
	bool keeps_start;    /* loses its end; otherwise its start, as suits paths */
	uint8_t least;	     /* minimum width when shortened; 0: the default */
	uint8_t most;	     /* maximum width outside a terminal; longer cells stick out; 0: no limit */
	uint8_t yields;	     /* left out if the terminal is narrower still, the highest first; 0: never */
	bool last_is_widest; /* while rows are in order, the last one has the widest cell */
	unsigned needs;
	enum counter counter; /* with NEED_COUNTER */
	/* Its cells: a field of the row, or what get() returns. */
	struct column_field field;
	const char *const *words; /* of a CELL_WORD or CELL_ANSWER field: by its value; NULL: unknown */
	const char *help;	  /* one line, for --list-columns and the man page */
	struct cell (*get)(const struct column *column, const struct row *row);

	const char *key;  /* in JSON; NULL: only in tables */
	bool takes_every; /* of an address: UINT64_MAX is valid, and never null */
	/* The value in JSON if it is not a cell: an object for what part() finds in the row (NULL: null); */
	const struct record *record;
	const void *(*part)(const struct row *row);
	/* or whatever put() writes, which may be other keys, or nothing. */
	void (*put)(struct json *json, const struct column *column, const struct row *row);
};

/* The JSON object of a row: first the keys of this list, in its order, then all other keys of the columns. */
struct record {
	const struct column *columns;
	const char *keys;
};

static inline struct cell cell_number(uint64_t number)
{
	return (struct cell){ .number = number };
}

/* The cell of a column whose cells are fields. */
struct cell column_field_cell(const struct column *column, const struct row *row);

/* Inline: most fields are numbers in the row itself, and there may be a million of them. */
static inline struct cell column_cell(const struct column *column, const struct row *row)
{
	if (column->field.type == FIELD_U64 && !column->field.is_behind)
		return cell_number(*(const uint64_t *)((const char *)row->data + column->field.offset));
	return column->get ? column->get(column, row) : column_field_cell(column, row);
}

/*
 * The column of a counter, for SUM_COUNTERS() and PROPERTY_COUNTERS() in the columns of a view
 * whose rows have counters. The view's get_counter() returns its cell.
 */
#define COUNTER_COLUMN(id, index, title, name, share, unit, key, parts, text)                   \
	{                                                                                       \
		title, CELL_##unit, .needs = NEED_COUNTER, .counter = COUNTER_##id,             \
				    .yields = COUNTER_##id == COUNTER_RSS ? 0 : YIELDS_COUNTER, \
				    .get = get_counter, .help = text                            \
	}
#define YIELDS_COUNTER 6

/*
 * The most that a C++ class name takes outside a terminal: with templates it may have hundreds of
 * characters.
 */
#define CLASS_MOST 40

/* The columns that every view has: the target of a row, if there are several. */
#define TARGET_COLUMNS                                                                                    \
	{ "PID", CELL_NUMBER, .yields = 9, .get = get_target_pid, .help = "process that it belongs to" }, \
	{                                                                                                 \
		"COMMAND", CELL_NAME, .shrinks = true, .keeps_start = true, .get = get_target_command,    \
				      .help = "its name; for a file, the file's"                          \
	}
struct cell get_target_pid(const struct column *column, const struct row *row);
struct cell get_target_command(const struct column *column, const struct row *row);

/* In a view's list of columns: all its counters, in the order of its array of columns. */
#define ALL_COUNTERS "*"

/*
 * Finds a column by name or else by JSON key, ignoring case, in an array that ends with { 0 };
 * NULL: there is none. `name` is not NUL-terminated.
 */
const struct column *column_find(const struct column *columns, const char *name, size_t len);

/* A cell with our own text; unknown for NULL. */
struct cell cell_word(const char *text);

/* A cell with text from outside, NUL-terminated; unknown for NULL. */
struct cell cell_text(const char *text);

/* A kind's name, in its colour. */
static inline struct cell cell_kind(enum kind kind)
{
	return (struct cell){
		.text = kinds[kind].name,
		.len = kinds[kind].name_len,
		.colour = kinds[kind].colour,
		.is_plain = true,
	};
}

/* Access rights (PERM_* bits) as perms_text() shows them. */
static inline struct cell cell_perms(unsigned perms)
{
	return (struct cell){ .text = perms_text(perms), .len = PERMS_LEN, .is_plain = true };
}

/* The name of an object; unknown for NULL. */
static inline struct cell cell_name(const struct object *object)
{
	if (!object)
		return (struct cell){ .is_plain = true };
	return (struct cell){
		.text = object->name,
		.len = object->name_len,
		.is_plain = object->is_plain,
	};
}

/* The same, without the directories. */
struct cell cell_base_name(const struct object *object);

/* A build-id; unknown where there is none. */
struct cell cell_build_id(const struct image *image);

/* Whether cells of this type are text, not numbers. */
static inline bool cell_is_text(enum cell_type type)
{
	return type == CELL_WORD || type == CELL_NAME || type == CELL_ANSWER || type == CELL_BYTES;
}

/* The change from `old` to `now`; unknown if either is. */
struct cell cell_change(uint64_t old, uint64_t now);

/* `part` in percent of `whole`, rounded down; UNKNOWN if either is, if `whole` is 0, or if it is out of range. */
uint64_t cell_percent(uint64_t part, uint64_t whole);

/* Compares two cells of one type: <0, 0, >0; unknown ones come first. */
int cell_compare(enum cell_type type, const struct cell *a, const struct cell *b);
