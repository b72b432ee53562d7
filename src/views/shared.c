/* SPDX-License-Identifier: MIT */
/* One row per region that other processes map too, or that still shares pages since a fork(2). */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "views/format.h"
#include "views/rows.h"
#include "views/views.h"

struct shared_row {
	const struct shared_region *shared; /* NULL for the sum, as is `region` */
	const struct region *region;
	uint64_t size, writers, readers;
	uint64_t private, common, saved; /* resident */
	uint64_t inherited, unshared, fresh;
	const char *processes;
};

static const struct shared_row *shared_of(const struct row *row)
{
	return row->data;
}

/* ---- columns ---- */

#define SHARED_FIELD(member) .field = FIELD(struct shared_row, member)

static struct cell get_kind(const struct column *column _unused_, const struct row *row)
{
	const struct region *region = shared_of(row)->region;

	return region ? cell_kind(region->kind) : cell_word(NULL);
}

static struct cell get_perms(const struct column *column _unused_, const struct row *row)
{
	const struct region *region = shared_of(row)->region;

	return region ? cell_perms(row->space->facts.mappings[region->mapping].perms) : cell_word(NULL);
}

static struct cell get_name(const struct column *column _unused_, const struct row *row)
{
	const struct region *region = shared_of(row)->region;

	return region ? cell_name(region_name(row->space, region)) : cell_text("TOTAL");
}

static void put_answer(struct json *json, const char *key, enum answer answer)
{
	if (answer == ANSWER_UNKNOWN)
		json_null(json, key);
	else
		json_bool(json, key, answer == ANSWER_YES);
}

/* The processes that write the region, or those that do not, each by PID and name. */
static void put_users(struct json *json, const struct column *column, const struct row *row, bool writes)
{
	const struct shared_region *shared = shared_of(row)->shared;
	const struct sharer *processes = row->space->answers.sharing.processes;

	if (shared->has_unknown_users) {
		json_null(json, column->key);
		return;
	}
	json_open_array(json, column->key, true);
	for (size_t i = 0; i < shared->n_users; i++) {
		const struct sharer *process = &processes[shared->users[i].process];

		if (shared->users[i].writes != writes)
			continue;
		json_open_object(json, NULL, true);
		json_number(json, "pid", (uint64_t)process->pid);
		json_text(json, "comm", process->comm, process->comm_len);
		if (!writes)
			put_answer(json, "may_write", shared->users[i].may_write);
		json_close_object(json);
	}
	json_close_array(json);
}

static void put_writers(struct json *json, const struct column *column, const struct row *row)
{
	put_users(json, column, row, true);
}

static void put_readers(struct json *json, const struct column *column, const struct row *row)
{
	put_users(json, column, row, false);
}

static const struct column shared_columns[] = {
	{ "START", CELL_ADDRESS, .takes_every = true, .key = "start",
	  .field = FIELD_BEHIND(struct shared_row, region, start), .help = "first address" },
	{ "END", CELL_ADDRESS, .yields = 12, .takes_every = true, .key = "end",
	  .field = FIELD_BEHIND(struct shared_row, region, end), .help = "address after the last one" },
	{ "SIZE", CELL_SIZE, .yields = 2, .key = "size", SHARED_FIELD(size),
	  .help = "bytes from START to END" },
	{ "PERMS", CELL_WORD, .yields = 7, .key = "perms", .get = get_perms,
	  .help = "access: r, w, x, and s (shared) or p (private)" },
	{ "KIND", CELL_WORD, .yields = 3, .key = "kind", .get = get_kind, .help = "what it is" },
	{ "WRITERS", CELL_NUMBER, .key = "writers", SHARED_FIELD(writers), .put = put_writers,
	  .help = "processes that may write to it, for all to see; this one included" },
	{ "READERS", CELL_NUMBER, .key = "readers", SHARED_FIELD(readers), .put = put_readers,
	  .help = "processes that map it, and write only to their own copies; likewise" },
	{ "PRIVATE", CELL_SIZE, .yields = 5, .key = "private", SHARED_FIELD(private),
	  .help = "resident, and in use by no other process" },
	{ "SHARED", CELL_SIZE, .yields = 4, .key = "shared", SHARED_FIELD(common),
	  .help = "resident, and in use by others too" },
	{ "SAVED", CELL_SIZE, .yields = 1, .key = "saved", SHARED_FIELD(saved),
	  .help = "RSS - PSS: how much less memory this process costs, since pages are shared" },
	{ "INHERITED", CELL_SIZE, .yields = 10, .key = "inherited", SHARED_FIELD(inherited),
	  .help = "private pages still shared with the other process since fork(2)" },
	{ "UNSHARED", CELL_SIZE, .yields = 9, .key = "unshared", SHARED_FIELD(unshared),
	  .help = "private pages that one of the two has written to since: copy-on-write was broken" },
	{ "NEW", CELL_SIZE, .yields = 11, .key = "new", SHARED_FIELD(fresh),
	  .help = "private pages where the other process has none" },
	{ "NAME", CELL_NAME, .shrinks = true, .key = "name", .get = get_name,
	  .help = "what is mapped, or the module that it belongs to" },
	{ "PROCESSES", CELL_NAME, .yields = 8, .shrinks = true, .keeps_start = true, SHARED_FIELD(processes),
	  .help = "PIDs and names, writers first, with w, r, or r+ where mprotect(2) may make it w" },
	TARGET_COLUMNS,
	{ 0 },
};

static const struct record shared_record = {
	shared_columns,
	"name,start,end,size,perms,kind,writers,readers,private,shared,saved,inherited,unshared,new",
};

/* ---- rows ---- */

#define PROCESSES_SHOWN 16

/* Takes ownership of `text`. */
static char *append_user(char *text, const struct sharing *sharing, const struct region_user *user)
{
	const struct sharer *process = &sharing->processes[user->process];
	const char *access = user->writes ? "w" : user->may_write == ANSWER_YES ? "r+" : "r";
	char *longer = mem_format("%s%s%d %.*s %s", text ? text : "", text ? ", " : "", process->pid,
				  (int)process->comm_len, process->comm ? process->comm : "", access);

	free(text);
	return longer;
}

static char *list_processes(const struct sharing *sharing, const struct shared_region *shared)
{
	char *text = NULL;
	size_t n = 0;

	for (int writes = 1; writes >= 0; writes--)
		for (size_t i = 0; i < shared->n_users && n < PROCESSES_SHOWN; i++)
			if (shared->users[i].writes == (writes == 1)) {
				text = append_user(text, sharing, &shared->users[i]);
				n++;
			}
	if (n < shared->n_users) {
		char *longer = mem_format("%s, and %zu more", text, shared->n_users - n);

		free(text);
		text = longer;
	}
	return text;
}

static uint64_t count_writers(const struct shared_region *shared)
{
	uint64_t n = 0;

	for (size_t i = 0; i < shared->n_users; i++)
		n += shared->users[i].writes;
	return n;
}

/* Unknown with hugetlb pages, since the kernel has no PSS of them. */
static uint64_t find_saved(const struct space *space, const struct region *region)
{
	uint64_t rss = region_counter(space, region, COUNTER_KERNEL_RSS);
	uint64_t pss = region_counter(space, region, COUNTER_PSS);
	uint64_t huge = region_counter(space, region, COUNTER_SHARED_HUGETLB);

	if (rss == UNKNOWN || pss == UNKNOWN || (huge != UNKNOWN && huge > 0))
		return UNKNOWN;
	/* Counters that were divided among the regions of a mapping are rounded: PSS may exceed RSS. */
	return rss > pss ? rss - pss : 0;
}

static void fill_row(struct shared_row *row, struct rows *rows, const struct space *space,
		     const struct shared_region *shared)
{
	const struct region *region = &space->judgement.regions[shared->region];
	uint64_t n_writers = count_writers(shared);

	*row = (struct shared_row){
		.shared = shared,
		.region = region,
		.size = region->end - region->start,
		.writers = shared->has_unknown_users ? UNKNOWN : n_writers,
		.readers = shared->has_unknown_users ? UNKNOWN : shared->n_users - n_writers,
		.private = region_counter(space, region, COUNTER_USS),
		.common = region_counter(space, region, COUNTER_SHARED),
		.saved = find_saved(space, region),
		.inherited = shared->inherited,
		.unshared = shared->unshared,
		.fresh = shared->fresh,
		.processes = rows_keep(rows, list_processes(&space->answers.sharing, shared)),
	};
}

static void add_row(struct shared_row *sum, const struct shared_row *row)
{
	const size_t members[] = {
		offsetof(struct shared_row, size),	offsetof(struct shared_row, private),
		offsetof(struct shared_row, common),	offsetof(struct shared_row, saved),
		offsetof(struct shared_row, inherited), offsetof(struct shared_row, unshared),
		offsetof(struct shared_row, fresh),
	};

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		view_add_usage((uint64_t *)(void *)((char *)sum + members[i]),
			       (const uint64_t *)(const void *)((const char *)row + members[i]), 1);
}

/* For each region, whether it is shown. */
static bool *find_shown(const struct view *view)
{
	bool *is_shown = mem_alloc(view_space(view)->judgement.n_regions + 1);

	for (size_t i = 0; i < view->n_regions; i++)
		is_shown[view->regions[i]] = true;
	return is_shown;
}

static void collect(const struct view *view, struct rows *rows)
{
	const struct space *space = view_space(view);
	const struct sharing *sharing = &space->answers.sharing;
	struct shared_row *lines = mem_array(sharing->n_regions + 1, sizeof(*lines));
	_cleanup_free_ bool *is_shown = find_shown(view);
	struct shared_row sum = { .size = 0,
				  .writers = UNKNOWN,
				  .readers = UNKNOWN,
				  .private = UNKNOWN,
				  .common = UNKNOWN,
				  .saved = UNKNOWN,
				  .inherited = UNKNOWN,
				  .unshared = UNKNOWN,
				  .fresh = UNKNOWN };
	size_t n = 0;

	for (size_t i = 0; i < sharing->n_regions; i++)
		if (is_shown[sharing->regions[i].region]) {
			fill_row(&lines[n], rows, space, &sharing->regions[i]);
			add_row(&sum, &lines[n++]);
		}
	rows->is_unknown = sharing->is_missing;
	if (!rows->is_unknown)
		lines[n++] = sum;
	rows_set(rows, lines, sizeof(*lines), n, lines);
	rows->n_sums = !rows->is_unknown;
}

/* ---- the verdict ---- */

/* The last row; NULL: nothing is known. */
static const struct shared_row *sum_of(const struct rows *rows)
{
	return rows->is_unknown ? NULL : (const struct shared_row *)rows->array + (rows->n - 1);
}

/* Says how many regions have more than one writer; NULL: none has. */
static char *describe_writers(const struct rows *rows, bool is_exact)
{
	_cleanup_free_ char *size = NULL;
	uint64_t bytes = 0;
	size_t n = 0;

	for (size_t i = 0; i < rows->n - rows->n_sums; i++) {
		struct row row = rows_get(rows, i);

		if (shared_of(&row)->writers == UNKNOWN || shared_of(&row)->writers < 2)
			continue;
		bytes += shared_of(&row)->size;
		n++;
	}
	if (n == 0)
		return NULL;
	size = format_size(bytes, is_exact);
	return mem_format("%zu %s (%s) %s more than one writer: races are possible there.", n,
			  n == 1 ? "region" : "regions", size, n == 1 ? "has" : "have");
}

/* "15M heap, 4K stack": what was unshared, by kind, the largest first; empty if nothing was. */
static char *describe_unshared(const struct rows *rows, bool is_exact)
{
	uint64_t sizes[N_KINDS] = { 0 };
	char *text = mem_copy("", 0);

	for (size_t i = 0; i < rows->n - rows->n_sums; i++) {
		struct row row = rows_get(rows, i);

		sizes[shared_of(&row)->region->kind] += shared_of(&row)->unshared;
	}
	for (;;) {
		enum kind largest = 0;
		_cleanup_free_ char *size = NULL;
		char *longer;

		for (enum kind k = 1; k < N_KINDS; k++)
			if (sizes[k] > sizes[largest])
				largest = k;
		if (sizes[largest] == 0)
			return text;
		size = format_size(sizes[largest], is_exact);
		longer = mem_format("%s%s%s %s", text, *text ? ", " : "", size, kinds[largest].name);
		free(text);
		text = longer;
		sizes[largest] = 0;
	}
}

/* Says what became of private pages since a fork(2); NULL: there was none, or nothing is known of it. */
static char *describe_fork(const struct view *view, bool is_exact)
{
	const struct rows *rows = &view->rows;
	const struct fork *fork = &view_space(view)->answers.sharing.fork;
	const struct shared_row *sum = sum_of(rows);
	_cleanup_free_ char *inherited = NULL, *unshared = NULL, *fresh = NULL, *by_kind = NULL;
	_cleanup_free_ char *with = fork->parent ?
					    mem_format("its parent, %d", fork->parent) :
					    mem_format("%zu %s", fork->n_relatives,
						       fork->n_relatives == 1 ? "relative" : "relatives");

	if (!sum || fork->n_relatives == 0 || !fork->has_frames || sum->inherited == UNKNOWN)
		return NULL;
	inherited = format_size(sum->inherited, is_exact);
	unshared = format_size(sum->unshared, is_exact);
	fresh = format_size(sum->fresh, is_exact);
	by_kind = describe_unshared(rows, is_exact);
	return mem_format("Since fork(2), against %s: %s still shared, %s unshared%s%s%s, %s new.", with,
			  inherited, unshared, *by_kind ? " (" : "", by_kind, *by_kind ? ")" : "", fresh);
}

static void put_footer(struct out *out, const struct view *view, const struct layout *layout)
{
	_cleanup_free_ char *writers = describe_writers(&view->rows, layout->style->bytes);
	_cleanup_free_ char *fork = describe_fork(view, layout->style->bytes);

	put_sentence(out, writers, layout->style->width);
	put_sentence(out, fork, layout->style->width);
}

/* What became of private pages since a fork(2), over all rows. */
static void put_json(struct json *json, const struct view *view)
{
	const struct rows *rows = &view->rows;
	const struct fork *fork = &view_space(view)->answers.sharing.fork;
	const struct shared_row *sum = sum_of(rows);

	if (!sum || fork->n_relatives == 0) {
		json_null(json, "fork");
		return;
	}
	json_open_object(json, "fork", true);
	json_number(json, "relatives", fork->n_relatives);
	json_number(json, "parent", fork->parent ? (uint64_t)fork->parent : UNKNOWN);
	json_number(json, "inherited", sum->inherited);
	json_number(json, "unshared", sum->unshared);
	json_number(json, "new", sum->fresh);
	json_close_object(json);
}

#define SHARING_COUNTERS                                                                     \
	(COUNTER_BIT(COUNTER_USS) | COUNTER_BIT(COUNTER_SHARED) | COUNTER_BIT(COUNTER_PSS) | \
	 COUNTER_BIT(COUNTER_KERNEL_RSS) | COUNTER_BIT(COUNTER_SHARED_HUGETLB))

const struct view_info view_shared = {
	.option = "--shared",
	.columns = shared_columns,
	.usual = "START,END,SIZE,PERMS,KIND,WRITERS,READERS,PRIVATE,SHARED,SAVED,INHERITED,UNSHARED,NEW,"
		 "NAME,PROCESSES",
	.sort = "-WRITERS",
	.identity = "START",
	.needs = NEED_SHARING,
	.counters = SHARING_COUNTERS,
	.collect = collect,
	.put_footer = put_footer,
	.record = &shared_record,
	.array = "shared",
	.put_json = put_json,
};
