/* SPDX-License-Identifier: MIT */
#include "front/option_columns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "front/nearest_word.h"
#include "front/option_list.h"

static bool has_column(const struct options *o, const struct column *column)
{
	for (size_t i = 0; i < o->n_columns; i++)
		if (o->columns[i] == column)
			return true;
	return false;
}

static void add_column(struct options *o, const struct column *column)
{
	mem_grow(o->columns, o->n_columns, o->cap_columns);
	o->columns[o->n_columns++] = column;
}

static int unknown_column(const struct options *o, const char *name, size_t len, struct error *err)
{
	const char *view = o->view->option ? o->view->option : "";
	char of[32] = "";
	char help[96];
	struct nearest nearest;

	nearest_init(&nearest, name, len);
	for (const struct column *column = o->view->columns; column->name; column++)
		nearest_try(&nearest, column->name);
	if (*view)
		snprintf(of, sizeof(of), " of %s", view);
	snprintf(help, sizeof(help), "see memmap%s%s --list-columns", *view ? " " : "", view);
	return unknown_word_near("column", &nearest, of, help, err);
}

bool options_show_regions(const struct options *o)
{
	return o->json && o->view->json_parts & JSON_REGIONS;
}

static int find_column(const struct options *o, const char *name, size_t len, const struct column **ret,
		       struct error *err)
{
	*ret = column_find(o->view->columns, name, len);
	if (!*ret && options_show_regions(o))
		*ret = column_find(view_regions.columns, name, len);
	return *ret ? 0 : unknown_column(o, name, len, err);
}

static int add_column_named(struct options *o, const char *name, size_t len, struct error *err)
{
	const struct column *column;
	int r = find_column(o, name, len, &column, err);

	if (r == 0)
		add_column(o, column);
	return r;
}

/* A column that is already shown keeps its place. */
static int add_missing_column(struct options *o, const char *name, size_t len, struct error *err)
{
	const struct column *column;
	int r = find_column(o, name, len, &column, err);

	if (r == 0 && !has_column(o, column))
		add_column(o, column);
	return r;
}

/* The view whose lists of columns apply. */
static const struct view_info *listed_view(const struct options *o)
{
	return options_show_regions(o) ? &view_regions : o->view;
}

/* In such a list, ALL_COUNTERS stands for all counters. */
static int add_usual_column(struct options *o, const char *name, size_t len, struct error *err)
{
	if (strncmp(name, ALL_COUNTERS, len) != 0)
		return add_column_named(o, name, len, err);
	for (const struct column *column = listed_view(o)->columns; column->name; column++)
		if (column->needs & NEED_COUNTER)
			add_column(o, column);
	return 0;
}

static const char *usual_columns(const struct options *o)
{
	const struct view_info *view = listed_view(o);
	const char *const lists[] = {
		[WIDTH_USUAL] = view->usual,
		[WIDTH_EXTENDED] = view->extended,
		[WIDTH_EVERY_COUNTER] = view->every,
	};

	return options_draw(o) && view->pictured ? view->pictured : lists[o->width];
}

bool options_has_every_column(const struct options *o)
{
	return o->wants_all_columns || (o->width == WIDTH_EVERY_COUNTER && !o->has_own_columns);
}

int options_settle_columns(struct options *o, struct error *err)
{
	int r = 0;

	if (!usual_columns(o))
		return error_set(err, -EINVAL, "-x and -X do not go with %s", o->view->option);
	if (o->wants_all_columns)
		for (const struct column *column = o->view->columns; column->name; column++)
			add_column(o, column);
	else if (!o->has_own_columns)
		r = option_list_each(usual_columns(o), add_usual_column, o, err);
	o->n_yielding = o->has_own_columns || options_has_every_column(o) ? 0 : o->n_columns;
	if (r == 0 && o->spec.shows_contents && o->view->contents && !o->has_own_columns)
		r = option_list_each(o->view->contents, add_missing_column, o, err);
	for (size_t i = 0; r == 0 && i < o->n_lists; i++) {
		const char *list = o->lists[i];

		if (*list != '+')
			r = option_list_each(list, add_column_named, o, err);
		else
			r = option_list_each(list + 1, add_missing_column, o, err);
	}
	return r;
}

static int add_sort_key(struct options *o, const char *name, size_t len, struct error *err)
{
	struct sort_key *key = &o->spec.sort[o->spec.n_sort];

	if (o->spec.n_sort == SORT_KEYS_MAX)
		return error_set(err, -EINVAL, "--sort takes at most %d columns", SORT_KEYS_MAX);
	key->is_descending = *name == '-';
	key->column = column_find(o->view->columns, name + key->is_descending, len - key->is_descending);
	o->spec.n_sort++;
	if (key->column)
		return 0;
	return unknown_column(o, name + key->is_descending, len - key->is_descending, err);
}

int options_settle_sort(struct options *o, struct error *err)
{
	const char *list = o->sort ? o->sort : o->view->sort;

	return list ? option_list_each(list, add_sort_key, o, err) : 0;
}
