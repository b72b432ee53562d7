/* SPDX-License-Identifier: MIT */
/*
 * Columns: a name, what its cells are, where they come from, and what it costs to have them.
 * Each view has a table of its own columns; tables, sorting, --list-columns and the reading
 * of facts all go by it. To add a column, write its row there, and a getter where its cells are
 * not a field of the view's rows.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/space.h"
#include "model/request.h"

enum cell_type {
	CELL_ADDRESS, /* number, in hexadecimal */
	CELL_OFFSET,  /* likewise, but for scripts a number of bytes */
	CELL_SIZE,    /* number of bytes */
	CELL_CHANGE,  /* likewise, by which something has grown or shrunk */
	CELL_NUMBER,
	CELL_DEVICE, /* number: major << 32 | minor */
	CELL_WORD,   /* text of ours */
	CELL_NAME,   /* text of others: any bytes */
	CELL_ANSWER, /* yes, no or unknown (enum answer, bool), in words of the column */
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
	bool is_negative;   /* of CELL_CHANGE: the number is by how much it has shrunk */
	uint8_t answer;	    /* of CELL_ANSWER, beside its word: enum answer */
};

/* Where a cell is in the data of a row, and as what C type. */
enum field_type {
	FIELD_NONE,
	FIELD_U64,
	FIELD_U32,
	FIELD_U8,
	FIELD_BOOL,
	FIELD_INT, /* unknown where it is negative */
	FIELD_TEXT,
};

struct column_field {
	enum field_type type;
	bool is_behind;	  /* in what a pointer in the row points to, where this is not NULL */
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

/* A member of the row; and a member of what a pointer in it points to. */
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
	const void *data;	   /* what the rows of the view are */
	const struct space *space; /* that it belongs to */
	const struct view *view;   /* where it is shown, beside other spaces it may be */
};

struct json;
struct record;

/*
 * A column of tables, a key of JSON, or both. Those that tables do not have come last in a view's
 * table of columns, which ends with { 0 }.
 */
struct column {
	const char *name; /* NULL: only in JSON */
	enum cell_type type;
	bool shrinks;	     /* gives way where the terminal is too narrow, the last one first, */
	bool keeps_start;    /* at its end, and not, as suits paths, at its start; */
	uint8_t least;	     /* the columns that it keeps; 0: as most do */
	uint8_t most;	     /* that it has outside a terminal, where longer cells stand out; 0: no limit */
	uint8_t yields;	     /* left out where it is narrower still, the highest first; 0: never */
	bool last_is_widest; /* of all rows in order, none has a wider cell than the last */
	unsigned needs;
	enum counter counter; /* with NEED_COUNTER */
	/* What its cells are: a field of the row, or what a function makes of it. */
	struct column_field field;
	const char *const *words; /* of a field of CELL_WORD or CELL_ANSWER: by its value, NULL: unknown */
	const char *help;	  /* one line, as --list-columns and the man page say it */
	struct cell (*get)(const struct column *column, const struct row *row);

	const char *key;  /* in JSON; NULL: only in tables */
	bool takes_every; /* of an address: UINT64_MAX is one as well, and it is never null */
	/* The value in JSON where a cell does not do: an object, of what `part` finds in the row (NULL: null); */
	const struct record *record;
	const void *(*part)(const struct row *row);
	/* or whatever this writes, also other keys, or nothing. */
	void (*put)(struct json *json, const struct column *column, const struct row *row);
};

/* What an object of JSON has of a row: first the keys of this list, in its order, then all others. */
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

/* Most fields are numbers in the row itself, and there may be a million of them. */
static inline struct cell column_cell(const struct column *column, const struct row *row)
{
	if (column->field.type == FIELD_U64 && !column->field.is_behind)
		return cell_number(*(const uint64_t *)((const char *)row->data + column->field.offset));
	return column->get ? column->get(column, row) : column_field_cell(column, row);
}

/*
 * A row of a counter, for SUM_COUNTERS() and PROPERTY_COUNTERS() in the table of any view whose rows
 * have counters; get_counter() of the view has its cell.
 */
#define COUNTER_COLUMN(id, index, title, name, share, unit, key, parts, text)                   \
	{                                                                                       \
		title, CELL_##unit, .needs = NEED_COUNTER, .counter = COUNTER_##id,             \
				    .yields = COUNTER_##id == COUNTER_RSS ? 0 : YIELDS_COUNTER, \
				    .get = get_counter, .help = text                            \
	}
#define YIELDS_COUNTER 6

/* What a C++ class takes of a line outside a terminal: with templates it may have hundreds of letters. */
#define CLASS_MOST 40

/* The columns that every view has: the target of a row, where there are several. */
#define TARGET_COLUMNS                                                                                    \
	{ "PID", CELL_NUMBER, .yields = 9, .get = get_target_pid, .help = "process that it belongs to" }, \
	{                                                                                                 \
		"COMMAND", CELL_NAME, .shrinks = true, .keeps_start = true, .get = get_target_command,    \
				      .help = "its name; of a file, the file's"                           \
	}
struct cell get_target_pid(const struct column *column, const struct row *row);
struct cell get_target_command(const struct column *column, const struct row *row);

/* In a view's list of columns: all its counters, in the order of the table; in one of keys, in that of JSON. */
#define ALL_COUNTERS "*"

/*
 * The column of that name, or of that key of JSON, in any case (not NUL-terminated) in a table that ends with
 * { 0 }, or NULL.
 */
const struct column *column_find(const struct column *columns, const char *name, size_t len);

/* The cell of a text of ours; unknown for NULL. */
struct cell cell_word(const char *text);

/* A text of others, NUL-terminated; unknown for NULL. */
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

/* The same, without the directories before it. */
struct cell cell_base_name(const struct object *object);

/* A build-id; unknown where there is none. */
struct cell cell_build_id(const struct image *image);

/* Whether cells of that type are texts, and not numbers. */
static inline bool cell_is_text(enum cell_type type)
{
	return type == CELL_WORD || type == CELL_NAME || type == CELL_ANSWER || type == CELL_BYTES;
}

/* By how much `now` differs from `old`; unknown where one of them is. */
struct cell cell_change(uint64_t old, uint64_t now);

/* What `part` is of `whole`, in percent, rounded down; UNKNOWN where one of them is, or of nothing. */
uint64_t cell_percent(uint64_t part, uint64_t whole);

/* The order of two cells of one type: <0, 0, >0; what is unknown comes first. */
int cell_compare(enum cell_type type, const struct cell *a, const struct cell *b);
