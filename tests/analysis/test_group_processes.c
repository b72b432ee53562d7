/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/group_processes.h"
#include "base/util.h"

static void fill(struct process_row *row, const char *comm, uint64_t pss)
{
	process_row_init(row);
	row->processes = 1;
	row->comm_len = strlen(comm);
	memcpy(row->comm, comm, row->comm_len);
	row->sums.pss = pss;
	row->sums.rss = pss == UNKNOWN ? UNKNOWN : 2 * pss;
}

Test(group_processes, by_command)
{
	struct process_row rows[5];
	struct process_row *groups;
	size_t n;

	fill(&rows[0], "b", 1);
	fill(&rows[1], "a", 2);
	fill(&rows[2], "b", 4);
	fill(&rows[3], "", UNKNOWN);
	fill(&rows[4], "bb", UNKNOWN);
	groups = group_processes(rows, 5, GROUP_COMMAND, &n);
	cr_assert_eq(n, 4);
	cr_assert_eq(groups[0].comm_len, 0);
	cr_assert_eq(groups[1].sums.pss, 2);
	cr_assert_eq(groups[2].processes, 2);
	cr_assert_eq(groups[2].sums.pss, 5);
	cr_assert_eq(groups[2].sums.rss, 10);
	cr_assert_eq(groups[3].sums.pss, UNKNOWN);
	free(groups);
}

Test(group_processes, by_container_those_without_are_one)
{
	char paths[][16] = { "/a", "/lxc/web", "/b" };
	struct process_row rows[3];
	struct process_row *groups;
	size_t n;

	for (size_t i = 0; i < 3; i++) {
		fill(&rows[i], "x", 1);
		rows[i].cgroup = paths[i];
	}
	rows[1].container = rows[1].cgroup + 5;
	rows[1].container_len = 3;
	groups = group_processes(rows, 3, GROUP_CONTAINER, &n);
	cr_assert_eq(n, 2);
	cr_assert_null(groups[0].cgroup);
	cr_assert_eq(groups[0].processes, 2);
	cr_assert_eq(groups[1].container_len, 3);
	cr_assert_arr_eq(groups[1].container, "web", 3);
	process_row_done(&groups[1]);
	free(groups);
}

Test(group_processes, sum_of_all_has_only_what_adds_up)
{
	struct process_row row, sum;

	fill(&row, "a", 3);
	process_row_init(&sum);
	process_row_add(&sum, &row, true);
	cr_assert_eq(sum.sums.pss, 3);
	cr_assert_eq(sum.sums.rss, UNKNOWN);
	cr_assert_eq(sum.sizes[KIND_HEAP], UNKNOWN);
}
