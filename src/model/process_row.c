/* SPDX-License-Identifier: MIT */
#include "model/process_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"

const char *const grouping_names[N_GROUPINGS] = {
	[GROUP_COMMAND] = "command",
	[GROUP_USER] = "user",
	[GROUP_CGROUP] = "cgroup",
	[GROUP_CONTAINER] = "container",
};

void process_row_init(struct process_row *row)
{
	*row = (struct process_row){
		.pid = -1,
		.uid = UNKNOWN,
		.sums = { UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN },
	};
	for (enum kind k = 0; k < N_KINDS; k++)
		row->sizes[k] = UNKNOWN;
}

void process_row_done(struct process_row *row)
{
	free(row->cgroup);
	row->cgroup = NULL;
}

const char *process_key(const struct process_row *row, enum grouping by, size_t *ret_len)
{
	const char *key = NULL;

	*ret_len = 0;
	if (by == GROUP_CONTAINER || by == GROUP_COMMAND) {
		key = by == GROUP_CONTAINER ? row->container : row->comm_len > 0 ? row->comm : NULL;
		*ret_len = by == GROUP_CONTAINER ? row->container_len : row->comm_len;
	} else if (by != GROUP_NONE) {
		key = by == GROUP_USER ? row->user : row->cgroup;
		*ret_len = key ? strlen(key) : 0;
	}
	return key;
}

void process_add(uint64_t *sum, uint64_t value)
{
	if (value != UNKNOWN)
		*sum = *sum == UNKNOWN ? value : known_sum(*sum, value);
}
