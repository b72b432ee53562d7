/* SPDX-License-Identifier: MIT */
#include "analysis/group_processes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int compare_texts(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order;

	if (!a || !b)
		return (a != NULL) - (b != NULL);
	order = memcmp(a, b, MIN(a_len, b_len));
	return order ? order : (a_len > b_len) - (a_len < b_len);
}

static int compare_keys(const struct process_row *a, const struct process_row *b, enum grouping by)
{
	size_t a_len, b_len;
	const char *key = process_key(a, by, &a_len);
	const char *other = process_key(b, by, &b_len);

	return compare_texts(key, a_len, other, b_len);
}

struct sorting {
	const struct process_row *rows;
	enum grouping by;
};

static int compare(const void *a, const void *b, void *context)
{
	const struct sorting *sorting = context;
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;
	int order = compare_keys(&sorting->rows[x], &sorting->rows[y], sorting->by);

	return order ? order : (x > y) - (x < y);
}

void process_row_add(struct process_row *sum, const struct process_row *row, bool are_all)
{
	sum->processes += row->processes;
	process_add(&sum->sums.pss, row->sums.pss);
	process_add(&sum->sums.uss, row->sums.uss);
	process_add(&sum->sums.swap_pss, row->sums.swap_pss);
	if (are_all)
		return;
	process_add(&sum->sums.rss, row->sums.rss);
	process_add(&sum->sums.swap, row->sums.swap);
	for (enum kind k = 0; k < N_KINDS; k++)
		process_add(&sum->sizes[k], row->sizes[k]);
}

void process_row_set_key(struct process_row *row, enum grouping by, const char *key)
{
	if (by == GROUP_USER) {
		row->user = key;
	} else if (by == GROUP_CGROUP || by == GROUP_CONTAINER) {
		row->cgroup = mem_copy(key, strlen(key));
		row->container = row->cgroup;
		row->container_len = strlen(key);
	} else {
		row->comm_len = strlen(key);
		assert(row->comm_len < sizeof(row->comm));
		memcpy(row->comm, key, row->comm_len);
	}
}

static void take_key(struct process_row *group, const struct process_row *row, enum grouping by)
{
	if (by == GROUP_COMMAND) {
		memcpy(group->comm, row->comm, row->comm_len);
		group->comm_len = row->comm_len;
	} else if (by == GROUP_USER) {
		group->user = row->user;
		group->uid = row->uid;
	} else if (row->cgroup && (by == GROUP_CGROUP || row->container)) {
		group->cgroup = mem_copy(row->cgroup, strlen(row->cgroup));
		group->container = row->container ? group->cgroup + (row->container - row->cgroup) : NULL;
		group->container_len = row->container_len;
	}
}

struct process_row *group_processes(const struct process_row *rows, size_t n, enum grouping by, size_t *ret_n)
{
	struct sorting sorting = { rows, by };
	_cleanup_free_ uint32_t *order = mem_array(n, sizeof(*order));
	struct process_row *groups = mem_array(n, sizeof(*groups));
	size_t n_groups = 0;

	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, n, sizeof(*order), compare, &sorting);
	for (size_t i = 0; i < n; i++) {
		const struct process_row *row = &rows[order[i]];

		if (i == 0 || compare_keys(row, &rows[order[i - 1]], by) != 0) {
			process_row_init(&groups[n_groups]);
			take_key(&groups[n_groups++], row, by);
		}
		process_row_add(&groups[n_groups - 1], row, false);
	}
	*ret_n = n_groups;
	return groups;
}
