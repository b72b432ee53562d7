/* SPDX-License-Identifier: MIT */
#include "front/options.h"

/* What JSON needs, whichever columns were chosen. */
static unsigned json_needs(const struct view_info *view)
{
	unsigned needs = NEED_LIMITS | NEED_CORE_SIZE;

	if (view->lists_processes)
		return NEED_SIZES_BY_KIND | NEED_CGROUP;
	if (view->json_parts & JSON_REGIONS)
		needs |= NEED_FILE_STATE | NEED_ARENA_USERS | NEED_VDSO | NEED_LARGE_BLOCKS;
	if (view->json_parts & JSON_MODULES || view == &view_modules)
		needs |= NEED_FILE_STATE | NEED_VDSO | NEED_BUILD_ID;
	if (view->json_parts & JSON_THREADS)
		needs |= NEED_THREADS | NEED_ARENA_USERS;
	if (view == &view_at)
		needs |= NEED_FILE_STATE | NEED_ARENA_USERS;
	if (view == &view_at || view == &view_findings)
		needs |= NEED_LARGE_BLOCKS;
	return needs;
}

/* What is shown: the rows of a table, or all parts that the view has in JSON. */
static unsigned parts_of(const struct options *o)
{
	const struct view_info *view = o->view;
	unsigned own = view == &view_changes ? JSON_REGIONS :
		       view == &view_modules ? JSON_MODULES :
		       view == &view_threads ? JSON_THREADS :
		       view == &view_summary ? JSON_TOTALS :
					       view->json_parts & JSON_REGIONS;

	return o->json ? own | view->json_parts : own;
}

static unsigned needs_of(const struct options *o)
{
	unsigned needs = o->view->needs;

	for (size_t i = 0; i < o->spec.n_sort; i++)
		needs |= o->spec.sort[i].column->needs;
	for (size_t i = 0; i < o->n_columns; i++)
		needs |= o->columns[i]->needs;
	if (o->json)
		needs |= json_needs(o->view);
	/* Labels name the threads of stacks and arenas; remarks say how far heap and stack may grow. */
	if (o->svg)
		needs |= NEED_THREADS | NEED_ARENA_USERS | NEED_LIMITS;
	if (o->sarif)
		needs |= NEED_SECTIONS;
	if (o->openmetrics)
		needs |= NEED_SIZES_BY_KIND;
	if (o->cgroup)
		needs |= NEED_CGROUP;
	if (o->explained)
		needs |= NEED_LIMITS | NEED_ARENA_USERS | NEED_LARGE_BLOCKS;
	return needs;
}

enum counter options_measure(const struct options *o)
{
	return o->columns[0]->needs & NEED_COUNTER ? o->columns[0]->counter : MEASURE_SIZE;
}

static uint64_t column_counter(const struct column *column)
{
	return column->needs & NEED_COUNTER ? COUNTER_BIT(column->counter) : 0;
}

static uint64_t counters_of(const struct options *o)
{
	uint64_t wanted = o->view->counters;

	for (size_t i = 0; i < o->spec.n_sort; i++)
		wanted |= column_counter(o->spec.sort[i].column);
	for (size_t i = 0; i < o->n_columns; i++)
		wanted |= column_counter(o->columns[i]);
	return wanted;
}

struct request options_request(const struct options *o)
{
	unsigned needs = needs_of(o);

	return (struct request){
		.needs = needs,
		.counters = counters_of(o),
		.all_counters = o->json || needs & (NEED_FLAGS | NEED_CHECKS),
		.wants_threads = o->view == &view_threads,
		.parts = parts_of(o),
		.selection = o->spec.selection,
		.queries = o->queries,
		.n_queries = o->n_queries,
		.tid = o->frames_tid,
		.checks = o->checks,
		.wants_contents = o->spec.shows_contents,
		.wants_debuginfod = o->wants_debuginfod,
		.stops = o->stops,
	};
}
