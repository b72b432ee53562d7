/* SPDX-License-Identifier: MIT */
#include "views/column.h"

#include <string.h>
#include <strings.h>

struct cell cell_word(const char *text)
{
	return (struct cell){ .text = text, .len = text ? strlen(text) : 0, .is_plain = true };
}

struct cell cell_text(const char *text)
{
	return (struct cell){ .text = text, .len = text ? strlen(text) : 0 };
}

/* Where the field is, or NULL. */
static const void *find_field(const struct column_field *field, const void *data)
{
	if (field->is_behind)
		memcpy(&data, (const char *)data + field->pointer, sizeof(data));
	return data ? (const char *)data + field->offset : NULL;
}

/* UNKNOWN if there is no field. */
static uint64_t field_number(const struct column_field *field, const void *p)
{
	int32_t number;

	if (!p)
		return UNKNOWN;
	switch (field->type) {
	case FIELD_U64:
		return *(const uint64_t *)p;
	case FIELD_U32:
		return *(const uint32_t *)p;
	case FIELD_U8:
		return *(const uint8_t *)p;
	case FIELD_BOOL:
		return *(const bool *)p;
	case FIELD_INT:
		number = *(const int32_t *)p;
		return number < 0 ? UNKNOWN : (uint64_t)number;
	default:
		return UNKNOWN;
	}
}

struct cell column_field_cell(const struct column *column, const struct row *row)
{
	const void *p = find_field(&column->field, row->data);
	struct cell cell;
	uint64_t number;

	if (column->field.type == FIELD_TEXT)
		return cell_text(p ? *(const char *const *)p : NULL);
	number = field_number(&column->field, p);
	if (!column->words && column->type != CELL_ANSWER)
		return cell_number(number);
	cell = cell_word(number == UNKNOWN || !column->words ? NULL : column->words[number]);
	cell.answer = (uint8_t)number;
	return cell;
}

struct cell get_target_pid(const struct column *column _unused_, const struct row *row)
{
	int32_t pid = row->space->facts.process.pid;

	return cell_number(pid < 0 ? UNKNOWN : (uint64_t)pid);
}

struct cell get_target_command(const struct column *column _unused_, const struct row *row)
{
	const struct process *process = &row->space->facts.process;
	const char *slash = process->exe ? memrchr(process->exe, '/', process->exe_len) : NULL;
	const char *name = slash ? slash + 1 : process->exe;

	if (process->comm || !process->exe)
		return (struct cell){ .text = process->comm, .len = process->comm_len };
	return (struct cell){ .text = name, .len = (size_t)(process->exe + process->exe_len - name) };
}

static bool is_called(const char *name, const char *text, size_t len)
{
	return name && strlen(name) == len && strncasecmp(name, text, len) == 0;
}

/*
 * The JSON key that also names the column, or NULL. Not for CELL_ANSWER: its words in a table
 * differ from JSON.
 */
static const char *key_of(const struct column *column)
{
	if (column->type == CELL_ANSWER)
		return NULL;
	return column->needs & NEED_COUNTER ? counters[column->counter].name : column->key;
}

const struct column *column_find(const struct column *columns, const char *name, size_t len)
{
	for (const struct column *column = columns; column->name; column++)
		if (is_called(column->name, name, len))
			return column;
	for (const struct column *column = columns; column->name; column++)
		if (is_called(key_of(column), name, len))
			return column;
	return NULL;
}

struct cell cell_base_name(const struct object *object)
{
	struct cell cell = cell_name(object);
	const char *slash = cell.text ? memrchr(cell.text, '/', cell.len) : NULL;

	if (slash) {
		cell.len -= (size_t)(slash + 1 - cell.text);
		cell.text = slash + 1;
	}
	return cell;
}

struct cell cell_build_id(const struct image *image)
{
	if (image->build_id_len == 0)
		return (struct cell){ 0 };
	return (struct cell){ .text = (const char *)image->build_id, .len = image->build_id_len };
}

struct cell cell_change(uint64_t old, uint64_t now)
{
	if (old == UNKNOWN || now == UNKNOWN)
		return cell_number(UNKNOWN);
	return (struct cell){ .number = now > old ? now - old : old - now, .is_negative = now < old };
}

uint64_t cell_percent(uint64_t part, uint64_t whole)
{
	uint64_t rest, percent;

	if (part == UNKNOWN || whole == UNKNOWN || whole == 0)
		return UNKNOWN;
	rest = part % whole;
	/* If this product would overflow, `whole` is so large that rounding whole / 100 does not matter. */
	percent = rest > UINT64_MAX / 100 ? rest / (whole / 100) : rest * 100 / whole;
	return part / whole < UINT64_MAX / 100 ? part / whole * 100 + percent : UNKNOWN;
}

/* A difference of 64-bit numbers takes 65 bits, so the sign is separate. */
static int compare_changes(const struct cell *a, const struct cell *b)
{
	int order = (a->number > b->number) - (a->number < b->number);

	if (a->number == UNKNOWN || b->number == UNKNOWN)
		return -order;
	if (a->is_negative != b->is_negative)
		return a->is_negative ? -1 : 1;
	return a->is_negative ? -order : order;
}

int cell_compare(enum cell_type type, const struct cell *a, const struct cell *b)
{
	int order;

	if (type == CELL_CHANGE)
		return compare_changes(a, b);
	if (!cell_is_text(type)) {
		/* UNKNOWN + 1 is 0. */
		return (a->number + 1 > b->number + 1) - (a->number + 1 < b->number + 1);
	}
	if (!a->text || !b->text)
		return (a->text != NULL) - (b->text != NULL);
	order = memcmp(a->text, b->text, MIN(a->len, b->len));
	return order ? order : (a->len > b->len) - (a->len < b->len);
}
