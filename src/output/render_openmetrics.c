/* SPDX-License-Identifier: MIT */
#include "output/render_openmetrics.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/group_processes.h"
#include "base/mem.h"
#include "base/text.h"

#define OTHER "other"

/* A gauge with one sample per group. */
static const struct family {
	const char *name, *unit, *help;
	size_t offset;
} families[] = {
	{ "memmap_processes", NULL, "Processes in the group.", offsetof(struct process_row, processes) },
	{ "memmap_rss_bytes", "bytes", "Resident memory; pages that processes share count once for each.",
	  offsetof(struct process_row, sums.rss) },
	{ "memmap_pss_bytes", "bytes", "Resident memory, each page divided by the number of its users.",
	  offsetof(struct process_row, sums.pss) },
	{ "memmap_uss_bytes", "bytes", "Resident memory that only one process uses.",
	  offsetof(struct process_row, sums.uss) },
	{ "memmap_swap_bytes", "bytes", "Memory that is swapped out.",
	  offsetof(struct process_row, sums.swap) },
};

static void put_family(struct out *out, const char *name, const char *unit, const char *help)
{
	out_str(out, "# TYPE ");
	out_str(out, name);
	out_str(out, " gauge\n");
	if (unit) {
		out_str(out, "# UNIT ");
		out_str(out, name);
		out_char(out, ' ');
		out_str(out, unit);
		out_char(out, '\n');
	}
	out_str(out, "# HELP ");
	out_str(out, name);
	out_char(out, ' ');
	out_str(out, help);
	out_char(out, '\n');
}

/* Made safe to print first; then only quotation marks and backslashes have to be escaped. */
static void put_value(struct out *out, const char *key, size_t len)
{
	_cleanup_free_ char *safe = text_escape(key ? key : "", key ? len : 0, TEXT_TABLE);

	for (const char *c = safe; *c; c++) {
		if (*c == '\\' || *c == '"')
			out_char(out, '\\');
		out_char(out, *c);
	}
}

static void put_sample(struct out *out, const char *name, const struct process_row *group, enum grouping by,
		       const char *kind, uint64_t value)
{
	size_t len;
	const char *key = process_key(group, by, &len);

	if (value == UNKNOWN)
		return;
	out_str(out, name);
	out_char(out, '{');
	out_str(out, grouping_names[by]);
	out_str(out, "=\"");
	put_value(out, key, len);
	if (kind) {
		out_str(out, "\",kind=\"");
		out_str(out, kind);
	}
	out_str(out, "\"} ");
	out_dec(out, value);
	out_char(out, '\n');
}

static void put_sizes(struct out *out, const struct process_row *groups, size_t n, enum grouping by)
{
	put_family(out, "memmap_size_bytes", "bytes", "Address space, by kind.");
	for (size_t i = 0; i < n; i++)
		for (enum kind k = 0; k < N_KINDS; k++)
			put_sample(out, "memmap_size_bytes", &groups[i], by, kinds[k].name,
				   groups[i].sizes[k]);
}

static int compare_pss(const void *a, const void *b)
{
	/* An unknown PSS counts as the least: UNKNOWN + 1 is 0. */
	uint64_t x = ((const struct process_row *)a)->sums.pss + 1;
	uint64_t y = ((const struct process_row *)b)->sums.pss + 1;

	return (x < y) - (x > y);
}

static bool is_other(const struct process_row *group, enum grouping by)
{
	size_t len;
	const char *key = process_key(group, by, &len);

	return key && len == strlen(OTHER) && memcmp(key, OTHER, len) == 0;
}

/*
 * Sorts the groups. If there are too many, keeps the first ones and adds up the rest, and any that is called
 * "other". Returns how many are left.
 */
static size_t fold_others(struct process_row *groups, size_t n, enum grouping by)
{
	struct process_row other;
	size_t kept = 0;

	qsort(groups, n, sizeof(*groups), compare_pss);
	if (n <= OPENMETRICS_GROUPS_MAX)
		return n;
	process_row_init(&other);
	process_row_set_key(&other, by, OTHER);
	for (size_t i = 0; i < n; i++) {
		if (kept < OPENMETRICS_GROUPS_MAX - 1 && !is_other(&groups[i], by)) {
			groups[kept++] = groups[i];
			continue;
		}
		process_row_add(&other, &groups[i], false);
		process_row_done(&groups[i]);
	}
	groups[kept++] = other;
	return kept;
}

void render_openmetrics(struct out *out, struct process_row *groups, size_t *n, enum grouping by,
			uint64_t n_unread)
{
	*n = fold_others(groups, *n, by);
	for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
		const struct family *family = &families[f];

		put_family(out, family->name, family->unit, family->help);
		for (size_t i = 0; i < *n; i++)
			put_sample(out, family->name, &groups[i], by, NULL,
				   *(const uint64_t *)((const char *)&groups[i] + family->offset));
	}
	put_sizes(out, groups, *n, by);
	put_family(out, "memmap_unread_processes", NULL, "Processes that could not be read.");
	out_str(out, "memmap_unread_processes ");
	out_dec(out, n_unread);
	out_str(out, "\n# EOF\n");
}
