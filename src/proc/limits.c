/* SPDX-License-Identifier: MIT */
#include "proc/limits.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proc/failed_reads.h"

static void read_resource_limits(struct proc *proc, struct process *process)
{
	static const char *const names[N_LIMITS] = {
		[LIMIT_VIRTUAL] = "Max address space",
		[LIMIT_STACK] = "Max stack size",
		[LIMIT_LOCKED] = "Max locked memory",
		[LIMIT_CORE] = "Max core file size",
	};
	size_t len;
	_cleanup_free_ char *text = proc_read(proc, proc->fd, "limits", &len);

	for (size_t i = 0; text && i < N_LIMITS; i++)
		if (names[i])
			process->limits[i].max =
				parse_limit(text, names[i], &process->limits[i].is_unlimited);
}

static void read_max_mappings(struct proc *proc, struct process *process)
{
	process->limits[LIMIT_MAPPINGS].max = proc_read_number(proc, proc->fd, "../sys/vm/max_map_count", 10);
}

/*
 * The kernel stack of one thread: no kernel of this word size since Linux 3.15 has a smaller one,
 * and none comes near the maximum.
 */
#define KERNEL_STACK_MIN (sizeof(void *) == 8 ? UINT64_C(16) << 10 : UINT64_C(8) << 10)
#define KERNEL_STACK_MAX (UINT64_C(1) << 30)

/*
 * The kernel gives the size of all kernel stacks in the system, and the number of threads; one
 * stack is a power of two pages. The average alone may be too small: a zombie counts as a thread,
 * but its stack is gone.
 */
static void read_kernel_stacks(struct proc *proc, struct process *process)
{
	size_t len;
	_cleanup_free_ char *meminfo = proc_read(proc, proc->fd, "../meminfo", &len);
	_cleanup_free_ char *loadavg = proc_read(proc, proc->fd, "../loadavg", &len);
	uint64_t all = meminfo ? parse_status_number(meminfo, "KernelStack") : UNKNOWN;
	const char *slash = loadavg ? strchr(loadavg, '/') : NULL;
	uint64_t threads = slash ? strtoull(slash + 1, NULL, 10) : 0;
	uint64_t size = KERNEL_STACK_MIN;

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
