/* SPDX-License-Identifier: MIT */
/* The process as a whole, which JSON has with every view. */
#include "output/render_json_rows.h"
#include "views/views.h"

static enum limit_id limit_of(const struct row *row)
{
	return (enum limit_id)((const struct limit *)row->data - row->space->facts.process.limits);
}

static struct cell get_used(const struct column *column _unused_, const struct row *row)
{
	return cell_number(space_used(row->space, limit_of(row)));
}

/* Whether the resource is unlimited; unknown if the limit was not read. */
static struct cell get_unlimited(const struct column *column _unused_, const struct row *row)
{
	const struct limit *limit = row->data;
	bool is_unknown = limit->max == UNKNOWN && !limit->is_unlimited;

	return (struct cell){ .answer = is_unknown ? ANSWER_UNKNOWN : (uint8_t)limit->is_unlimited };
}

static const struct column limit_columns[] = {
	{ NULL, CELL_NUMBER, .key = "used", .get = get_used },
	{ NULL, CELL_NUMBER, .key = "max", .field = FIELD(struct limit, max) },
	{ NULL, CELL_ANSWER, .key = "unlimited", .get = get_unlimited },
	{ 0 },
};

const struct record limit_record = { limit_columns, "used,max,unlimited" };

static struct cell get_mappings(const struct column *column _unused_, const struct row *row)
{
	return cell_number(facts_count_mappings(&row->space->facts));
}

static struct cell get_reserved(const struct column *column _unused_, const struct row *row)
{
	return cell_number(facts_reserved(&row->space->facts));
}

static struct cell get_committed(const struct column *column _unused_, const struct row *row)
{
	return cell_number(facts_committed(&row->space->facts));
}

static void put_limits(struct json *json, const struct column *column, const struct row *row)
{
	const struct process *process = row->data;

	json_open_object(json, column->key, true);
	for (enum limit_id i = 0; i < N_LIMITS; i++) {
		struct row limit = { .data = &process->limits[i], .space = row->space };

		render_json_object(json, limit_names[i].key, &limit_record, &limit);
	}
	json_close_object(json);
}

static const struct column process_columns[] = {
	{ NULL, CELL_SIZE, .key = "virtual", .field = FIELD(struct process, virtual) },
	{ NULL, CELL_SIZE, .key = "resident", .field = FIELD(struct process, resident) },
	{ NULL, CELL_SIZE, .key = "swapped", .field = FIELD(struct process, swapped) },
	{ NULL, CELL_SIZE, .key = "page_tables", .field = FIELD(struct process, page_tables) },
	{ NULL, CELL_NUMBER, .key = "mappings", .get = get_mappings },
	{ NULL, CELL_SIZE, .key = "kernel_stacks", .field = FIELD(struct process, kernel_stacks) },
	{ NULL, CELL_NUMBER, .key = "threads", .field = FIELD(struct process, threads) },
	{ NULL, CELL_SIZE, .key = "reserved", .get = get_reserved },
	{ NULL, CELL_SIZE, .key = "committed", .get = get_committed },
	{ .key = "limits", .put = put_limits },
	{ 0 },
};

const struct record process_record = {
	process_columns,
	"virtual,resident,swapped,page_tables,mappings,kernel_stacks,threads,reserved,committed,limits",
};
