/* SPDX-License-Identifier: MIT */
#include "proc/kernel_sums.h"

#include <stdlib.h>
#include <sys/sysinfo.h>

#include "proc/parse_rollup.h"
#include "proc/parse_status.h"
#include "proc/failed_reads.h"

struct kernel_sums proc_read_sums(struct proc *proc, bool wants_resident)
{
	struct kernel_sums sums = { .size = UNKNOWN, .resident = UNKNOWN, .lazily_freed = UNKNOWN };
	size_t len;
	_cleanup_free_ char *status = proc_read(proc, proc->mm_fd, "status", &len);
	_cleanup_free_ char *rollup = NULL;

	if (status)
		sums.size = parse_status_number(status, "VmSize");
	if (wants_resident)
		rollup = proc_read(proc, proc->mm_fd, "smaps_rollup", &len);
	if (rollup) {
		sums.resident = parse_rollup(rollup).rss;
		sums.lazily_freed = parse_status_number(rollup, "LazyFree");
	}
	return sums;
}

bool proc_hides_swap(const struct proc *proc, const struct facts *facts)
{
	struct sysinfo info;
	bool has_any = false;

	for (size_t i = 0; i < facts->n_objects && !has_any; i++)
		has_any = may_hide_swap(facts->objects[i]);
	return has_any && proc->is_live && sysinfo(&info) == 0 && info.freeswap < info.totalswap;
}
