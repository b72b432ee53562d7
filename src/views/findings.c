/* SPDX-License-Identifier: MIT */
/* One row per finding of --check, the worst first. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "views/findings.h"
#include "views/views.h"

static const struct finding *finding_of(const struct row *row)
{
	return row->data;
}

static const struct region *region_of(const struct row *row)
{
	const struct finding *finding = finding_of(row);

	return finding->region == NO_REGION ? NULL : &row->space->judgement.regions[finding->region];
}

/* ---- columns ---- */

static struct cell get_severity(const struct column *column _unused_, const struct row *row)
{
	static const char *const colours[N_SEVERITIES] = {
		[SEVERITY_WARNING] = "33", /* yellow */
		[SEVERITY_ERROR] = "31",   /* red */
	};
	struct cell cell = cell_word(severity_names[finding_of(row)->severity]);

	cell.colour = colours[finding_of(row)->severity];
	return cell;
}

static struct cell get_start(const struct column *column _unused_, const struct row *row)
{
	return cell_number(region_of(row) ? region_of(row)->start : UNKNOWN);
}

static struct cell get_end(const struct column *column _unused_, const struct row *row)
{
	return cell_number(region_of(row) ? region_of(row)->end : UNKNOWN);
}

static struct cell get_perms(const struct column *column _unused_, const struct row *row)
{
	const struct region *region = region_of(row);

	return region ? cell_perms(row->space->facts.mappings[region->mapping].perms) : cell_word(NULL);
}

static struct cell get_kind(const struct column *column _unused_, const struct row *row)
{
	return region_of(row) ? cell_kind(region_of(row)->kind) : cell_word(NULL);
}

static struct cell get_name(const struct column *column _unused_, const struct row *row)
{
	return cell_name(finding_object(row->space, finding_of(row)));
}

static const void *find_region(const struct row *row)
{
	return region_of(row);
}

static const struct column finding_columns[] = {
	{ "SEVERITY", CELL_WORD, .key = "severity", .get = get_severity, .help = "note, warning or error" },
	{ "CODE", CELL_WORD, .key = "code", .field = FIELD(struct finding, code),
	  .help = "what was found: see --help=checks" },
	{ "START", CELL_ADDRESS, .get = get_start, .help = "the region that it is about: its first address" },
	{ "END", CELL_ADDRESS, .yields = 3, .get = get_end, .help = "the first address after it" },
	{ "PERMS", CELL_WORD, .yields = 2, .get = get_perms, .help = "its access" },
	{ "KIND", CELL_WORD, .yields = 1, .get = get_kind, .help = "what the region is" },
	{ "NAME", CELL_NAME, .shrinks = true, .key = "name", .get = get_name,
	  .help = "file, or name of the region" },
	{ "TEXT", CELL_NAME, .shrinks = true, .keeps_start = true, .key = "text",
	  .field = FIELD(struct finding, text), .help = "what it is, in a sentence" },
	{ "CURE", CELL_NAME, .shrinks = true, .keeps_start = true, .key = "cure",
	  .field = FIELD(struct finding, cure), .help = "what to do about it" },
	TARGET_COLUMNS,
	{ .key = "region", .record = &region_record, .part = find_region },
	{ 0 },
};

static const struct record finding_record = { finding_columns, "code,severity,region,name,text,cure" };

/* ---- rows ---- */

/* Findings are sorted by severity: those below the least one shown come last. */
static void collect(const struct view *view, struct rows *rows)
{
	const struct findings *findings = &view_space(view)->answers.findings;
	size_t n = findings->n;

	while (n > 0 && findings->items[n - 1].severity < view->least)
		n--;
	rows_set(rows, findings->items, sizeof(*findings->items), n, NULL);
}

static char *explanation(const struct row *row)
{
	return mem_format("%s %s", finding_of(row)->text, finding_of(row)->cure);
}

void findings_count(const struct view *view, size_t counts[N_SEVERITIES])
{
	for (size_t i = 0; i < view->rows.n; i++) {
		struct row row = rows_get(&view->rows, i);

		counts[finding_of(&row)->severity]++;
	}
}

void findings_put_sum(struct out *out, const size_t counts[N_SEVERITIES], size_t n_processes)
{
	_cleanup_free_ char *text =
		mem_format("%zu error%s, %zu warning%s, %zu note%s", counts[SEVERITY_ERROR],
			   counts[SEVERITY_ERROR] == 1 ? "" : "s", counts[SEVERITY_WARNING],
			   counts[SEVERITY_WARNING] == 1 ? "" : "s", counts[SEVERITY_NOTE],
			   counts[SEVERITY_NOTE] == 1 ? "" : "s");
	_cleanup_free_ char *where =
		mem_format(" in %zu process%s", n_processes, n_processes == 1 ? "" : "es");

	out_str(out, text);
	out_str(out, n_processes > 0 ? where : "");
	out_char(out, '\n');
}

static void put_footer(struct out *out, const struct view *view, const struct layout *layout _unused_)
{
	size_t counts[N_SEVERITIES] = { 0 };

	findings_count(view, counts);
	if (view->rows.n > 0)
		out_char(out, '\n');
	findings_put_sum(out, counts, 0);
}

const struct view_info view_findings = {
	.option = "--check",
	.identity = "CODE,NAME",
	.columns = finding_columns,
	.usual = "SEVERITY,CODE,START,END,PERMS,KIND,NAME",
	.needs = NEED_CHECKS | NEED_FILE_STATE | NEED_THREADS | NEED_LIMITS,
	.not_regions = true,
	.skips_empty = true,
	.collect = collect,
	.explanation = explanation,
	.put_footer = put_footer,
	.record = &finding_record,
	.array = "findings",
};
