/* SPDX-License-Identifier: MIT */
#include "views/change_row.h"

#include <stdio.h>

#include "base/mem.h"

const char *const change_names[N_CHANGES] = {
	[CHANGE_ADDED] = "added",   [CHANGE_REMOVED] = "removed", [CHANGE_GROWN] = "grown",
	[CHANGE_SHRUNK] = "shrunk", [CHANGE_MOVED] = "moved",	  [CHANGE_PERMISSIONS] = "permissions",
};

/* A missing region counts as 0; a counter that was not read is unknown. */
static uint64_t part_counter(const struct space *space, const struct part *part, enum counter counter)
{
	const struct usage *usage = &space->facts.usage;

	if (!usage_has(usage, counter))
		return UNKNOWN;
	if (part->n == 0)
		return 0;
	return part->usage ? usage_counter(usage, part->usage, counter) : UNKNOWN;
}

struct cell change_of_counter(const struct view *view, const struct change_row *row, enum counter counter)
{
	return cell_change(part_counter(view->spaces[OLD_SPACE], &row->parts[OLD_SPACE], counter),
			   part_counter(view->spaces[NEW_SPACE], &row->parts[NEW_SPACE], counter));
}

struct cell change_of_size(const struct change_row *row)
{
	return cell_change(row->parts[OLD_SPACE].size, row->parts[NEW_SPACE].size);
}

struct cell change_of_main(const struct view *view, const struct change_row *row)
{
	if (usage_has(&view->spaces[OLD_SPACE]->facts.usage, COUNTER_RSS) &&
	    usage_has(&view->spaces[NEW_SPACE]->facts.usage, COUNTER_RSS))
		return change_of_counter(view, row, COUNTER_RSS);
	return change_of_size(row);
}

enum change change_direction(const struct cell *cell)
{
	if (cell->number == 0 || cell->number == UNKNOWN)
		return CHANGE_NONE;
	return cell->is_negative ? CHANGE_SHRUNK : CHANGE_GROWN;
}

struct cell change_get_size(const struct column *column _unused_, const struct row *row)
{
	return change_of_size(row->data);
}

struct cell change_get_kind(const struct column *column _unused_, const struct row *row)
{
	const struct change_row *change = row->data;

	return change->kind == N_KINDS ? cell_word("TOTAL") : cell_kind(change->kind);
}

void change_put_counters(struct json *json, const struct column *column _unused_, const struct row *row)
{
	const struct usage *old = &row->view->spaces[OLD_SPACE]->facts.usage;
	const struct usage *now = &row->view->spaces[NEW_SPACE]->facts.usage;

	for (enum counter f = 0; f < N_COUNTERS; f++) {
		struct cell cell;
		char key[48];

		if (!counters[f].name || counters[f].share == SHARE_PROPERTY ||
		    (!usage_has(old, f) && !usage_has(now, f)))
			continue;
		snprintf(key, sizeof(key), "%s_change", counters[f].name);
		cell = change_of_counter(row->view, row->data, f);
		json_change(json, key, cell.number, cell.is_negative);
	}
}

void change_set_rows(struct rows *rows, void *changes, size_t size, size_t n, size_t at)
{
	rows_set(rows, changes, size, n, changes);
	rows->n_sums = 1;
	rows->spaces = mem_array(n, sizeof(*rows->spaces));
	for (size_t i = 0; i < n; i++)
		rows->spaces[i] =
			((unsigned char *)changes)[i * size + at] == CHANGE_REMOVED ? OLD_SPACE : NEW_SPACE;
}
