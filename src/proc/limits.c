/* SPDX-License-Identifier: MIT */
#include "proc/limits.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void read_resource_limits(struct proc *proc, struct process *process)
{
	static const char *const names[N_LIMITS] = {
		[LIMIT_VIRTUAL] = "Max address space",
		[LIMIT_STACK] = "Max stack size",
		[LIMIT_LOCKED] = "Max locked memory",
	};
	size_t len;
	_cleanup_free_ char *text = proc_read_file(proc->fd, "limits", &len);

	for (size_t i = 0; text && i < N_LIMITS; i++)
		if (names[i])
			process->limits[i].max =
				parse_limit(text, names[i], &process->limits[i].is_unlimited);
}

static void read_max_mappings(struct proc *proc, struct process *process)
{
	size_t len;
	_cleanup_free_ char *text = proc_read_file(proc->fd, "../sys/vm/max_map_count", &len);
	char *end;
	uint64_t max;

	if (!text)
		return;
	max = strtoull(text, &end, 10);
	if (end != text)
		process->limits[LIMIT_MAPPINGS].max = max;
}

#define KERNEL_STACK_MAX (UINT64_C(1) << 30) /* of one thread: no kernel's is near it */

/*
 * The kernel says what the stacks of all threads in the system take, and how many threads
 * there are; one stack has a power of two pages.
 */
static void read_kernel_stacks(struct proc *proc, struct process *process)
{
	size_t len;
	_cleanup_free_ char *meminfo = proc_read_file(proc->fd, "../meminfo", &len);
	_cleanup_free_ char *loadavg = proc_read_file(proc->fd, "../loadavg", &len);
	uint64_t all = meminfo ? parse_status_number(meminfo, "KernelStack") : UNKNOWN;
	const char *slash = loadavg ? strchr(loadavg, '/') : NULL;
	uint64_t threads = slash ? strtoull(slash + 1, NULL, 10) : 0;
	uint64_t size = 4096;

	if (all == UNKNOWN || threads == 0 || process->threads == UNKNOWN)
		return;
	while (size < KERNEL_STACK_MAX && size + size / 2 < all / threads)
		size *= 2;
	if (size < KERNEL_STACK_MAX && process->threads < UINT32_MAX)
		process->kernel_stacks = process->threads * size;
}

void read_limits(struct proc *proc, struct facts *facts)
{
	read_resource_limits(proc, &facts->process);
	read_max_mappings(proc, &facts->process);
	read_kernel_stacks(proc, &facts->process);
}

/* The size that the kernel counts: all but the vsyscall page, which is no process's own. */
static uint64_t sum_sizes(const struct facts *facts)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < facts->n_mappings; i++)
		if (facts->mappings[i].end <= INT64_MAX)
			sum += facts->mappings[i].end - facts->mappings[i].start;
	return sum;
}

static uint64_t sum_resident(const struct space *space)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < space->judgement.n_regions; i++) {
		uint64_t rss = region_figure(space, &space->judgement.regions[i], FIGURE_RSS);

		if (rss == UNKNOWN)
			return UNKNOWN;
		sum += rss;
	}
	return sum;
}

/* Hugetlb pages are resident, but Rss leaves them out. */
static uint64_t rollup_resident(const char *rollup)
{
	uint64_t rss = parse_status_number(rollup, "Rss");
	uint64_t shared = parse_status_number(rollup, "Shared_Hugetlb");
	uint64_t private = parse_status_number(rollup, "Private_Hugetlb");

	if (rss == UNKNOWN)
		return UNKNOWN;
	return rss + (shared == UNKNOWN ? 0 : shared) + (private == UNKNOWN ? 0 : private);
}

static void compare(struct notes *notes, const char *what, uint64_t sum, const char *whose, uint64_t whole)
{
	if (sum == UNKNOWN || whole == UNKNOWN || sum == whole)
		return;
	notes_remark(notes, "totals-differ",
		     "the process changed while it was read: %s is %" PRIu64 " bytes by mapping, but %" PRIu64
		     " by %s",
		     what, sum, whole, whose);
}

void read_totals(struct proc *proc, const struct space *space, bool is_smaps, struct notes *notes)
{
	size_t len;
	_cleanup_free_ char *status = proc_read_file(proc->mm_fd, "status", &len);
	_cleanup_free_ char *rollup = NULL;

	if (status)
		compare(notes, "its size", sum_sizes(&space->facts), "VmSize",
			parse_status_number(status, "VmSize"));
	if (!is_smaps || space->facts.usage.n_slots == 0)
		return;
	rollup = proc_read_file(proc->mm_fd, "smaps_rollup", &len);
	if (rollup)
		compare(notes, "its resident memory", sum_resident(space), "smaps_rollup",
			rollup_resident(rollup));
}
