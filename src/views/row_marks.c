/* SPDX-License-Identifier: MIT */
#include "views/row_marks.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/match.h"
#include "base/hash.h"
#include "base/mem.h"

#define NO_ROW SIZE_MAX

/* ---- the identity of rows ---- */

struct keyed_row {
	uint64_t key;
	size_t row;
};

static int compare_keys(const void *a, const void *b)
{
	const struct keyed_row *x = a;
	const struct keyed_row *y = b;

	return x->key != y->key ? (x->key > y->key) - (x->key < y->key) :
				  (x->row > y->row) - (x->row < y->row);
}

#define IDENTITY_MAX 8 /* columns */

/* Finds the columns that identify a row. Returns their number. */
static size_t find_identity(const struct view_info *info, const struct column *ret[IDENTITY_MAX])
{
	size_t n = 0;

	for (const char *name = info->identity; *name && n < IDENTITY_MAX;) {
		size_t len = strcspn(name, ",");

		ret[n++] = column_find(info->columns, name, len);
		name += len + (name[len] == ',');
	}
	return n;
}

static uint64_t row_key(const struct column *const *columns, size_t n, const struct row *row)
{
	uint64_t hash = HASH_START;

	for (size_t i = 0; i < n; i++) {
		struct cell cell = column_cell(columns[i], row);

		if (cell_is_text(columns[i]->type))
			hash = hash_bytes(hash, cell.text, cell.text ? cell.len : 0);
		else
			hash = hash_number(hash, cell.number);
	}
	return hash;
}

static struct keyed_row *list_rows(const struct view *view, const struct view_info *info)
{
	struct keyed_row *list = mem_array(view->rows.n, sizeof(*list));
	const struct column *columns[IDENTITY_MAX];
	size_t n_columns = find_identity(info, columns);

	for (size_t i = 0; i < view->rows.n; i++) {
		struct row row = rows_get(&view->rows, i);

		list[i] = (struct keyed_row){ row_key(columns, n_columns, &row), i };
	}
	if (view->rows.n > 0)
		qsort(list, view->rows.n, sizeof(*list), compare_keys);
	return list;
}

/* ---- by new row, the matching old one or NO_ROW ---- */

static void find_by_key(const struct view *old, const struct view *now, const struct view_info *info,
			size_t *old_of)
{
	_cleanup_free_ struct keyed_row *a = list_rows(old, info);
	_cleanup_free_ struct keyed_row *b = list_rows(now, info);
	size_t i = 0;

	for (size_t j = 0; j < now->rows.n; j++) {
		while (i < old->rows.n && a[i].key < b[j].key)
			i++;
		if (i < old->rows.n && a[i].key == b[j].key)
			old_of[b[j].row] = a[i++].row;
	}
}

static uint32_t region_of(const struct view *view, size_t row)
{
	return (uint32_t)((const struct region *)rows_get(&view->rows, row).data -
			  view_space(view)->judgement.regions);
}

static void find_by_region(const struct view *old, const struct view *now, size_t *old_of)
{
	size_t n_regions = view_space(old)->judgement.n_regions;
	_cleanup_free_ size_t *row_of = mem_array(n_regions, sizeof(*row_of));
	struct match match;

	for (size_t i = 0; i < n_regions; i++)
		row_of[i] = NO_ROW;
	for (size_t i = 0; i < old->rows.n; i++)
		row_of[region_of(old, i)] = i;
	match_spaces(view_space(old), view_space(now), &match);
	for (size_t i = 0; i < now->rows.n; i++) {
		uint32_t like = match.old_of[region_of(now, i)];

		if (like != NO_REGION)
			old_of[i] = row_of[like];
	}
	match_done(&match);
}

/* ---- marks ---- */

static bool differs(const struct row *old, const struct row *now, const struct column *const *columns,
		    size_t n_columns)
{
	for (size_t i = 0; i < n_columns; i++) {
		struct cell a = column_cell(columns[i], old);
		struct cell b = column_cell(columns[i], now);

		if (cell_compare(columns[i]->type, &a, &b) != 0)
			return true;
	}
	return false;
}

void marks_find(const struct view *old, const struct view *now, const struct view_info *info,
		const struct column *const *columns, size_t n_columns, struct marks *marks)
{
	_cleanup_free_ size_t *old_of = mem_array(now->rows.n, sizeof(*old_of));

	*marks = (struct marks){ .of = mem_alloc(now->rows.n), .n_gone = old->rows.n };
	for (size_t i = 0; i < now->rows.n; i++)
		old_of[i] = NO_ROW;
	if (info->identity)
		find_by_key(old, now, info, old_of);
	else
		find_by_region(old, now, old_of);
	for (size_t i = 0; i < now->rows.n; i++) {
		struct row now_row = rows_get(&now->rows, i);
		struct row old_row;

		if (old_of[i] == NO_ROW) {
			marks->of[i] = MARK_NEW;
			marks->n_new++;
			continue;
		}
		marks->n_gone--;
		old_row = rows_get(&old->rows, old_of[i]);
		if (!differs(&old_row, &now_row, columns, n_columns))
			continue;
		marks->of[i] = MARK_CHANGED;
		/* A sum changes with the other rows, and is not counted. */
		marks->n_changed += i < now->rows.n - now->rows.n_sums;
	}
}
