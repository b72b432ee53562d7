/* SPDX-License-Identifier: MIT */
#include "proc/threads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/mem.h"
#include "base/text.h"
#include "proc/parse_status.h"
#include "proc/read_file.h"
#include "proc/failed_reads.h"
#include "proc/unfinished_exec.h"

uint64_t proc_find_control(struct proc *proc, int32_t tid)
{
	void *head = NULL;
	size_t len;

	if (syscall(SYS_get_robust_list, tid, &head, &len) != 0) {
		proc_report(proc, "the robust list of a thread", -errno);
		return UNKNOWN;
	}
	if (!head)
		return UNKNOWN;
	return (uintptr_t)head;
}

/* "NR ARG… SP PC", "-1 SP PC", or "running". */
static uint64_t parse_sp(const char *text)
{
	const char *pc = strrchr(text, ' ');
	const char *sp = pc ? memrchr(text, ' ', (size_t)(pc - text)) : NULL;
	char *end;
	uint64_t value;

	if (!sp)
		return UNKNOWN;
	value = strtoull(sp, &end, 16);
	return end == pc && value ? value : UNKNOWN;
}

uint64_t proc_find_sp(struct proc *proc, int32_t tid)
{
	char name[32];
	size_t len;
	_cleanup_free_ char *text = NULL;

	snprintf(name, sizeof(name), "task/%d/syscall", tid);
	text = proc_read(proc, proc->fd, name, &len);
	return text ? parse_sp(text) : UNKNOWN;
}

#define PF_FORKNOEXEC \
	0x40	  /* the kernel's linux/sched.h: it has not called execve(2), which gives new memory */
#define KCMP_VM 1 /* linux/kcmp.h */

int compare_memory(int a, int b)
{
	long order = syscall(SYS_kcmp, a, b, KCMP_VM, 0, 0);

	return order < 0 ? -errno : (int)order;
}

bool proc_shares_memory(struct proc *proc)
{
	int parent = (int)proc->stat.field[STAT_PPID];
	struct error ignored;
	int order;

	if (!proc->is_ours || parent <= 0 || !(proc->stat.field[STAT_FLAGS] & PF_FORKNOEXEC))
		return false;
	/* kcmp() waits for either process to finish execve(). */
	order = await_exec(proc->root, parent, proc->patience.run_ms_left, &ignored);
	if (order == 0)
		order = compare_memory(proc->pid, parent);
	if (order < 0)
		proc_report(proc, "whether the memory is the parent's", order);
	return order == 0;
}

static void read_detail(struct proc *proc, int task_fd, const char *tid, struct thread *thread)
{
	char name[32];
	struct proc_stat stat = { 0 };
	size_t len;
	_cleanup_free_ char *stat_text = NULL;
	_cleanup_free_ char *syscall_text = NULL;

	snprintf(name, sizeof(name), "%.10s/stat", tid);
	stat_text = proc_read(proc, task_fd, name, &len);
	if (stat_text)
		parse_stat(stat_text, len, &stat);
	thread->state = stat.state;
	snprintf(name, sizeof(name), "%.10s/comm", tid);
	proc_read_comm(&stat, task_fd, name, &thread->comm, &thread->comm_len);
	snprintf(name, sizeof(name), "%.10s/syscall", tid);
	syscall_text = proc_read(proc, task_fd, name, &len);
	if (syscall_text)
		thread->sp = parse_sp(syscall_text);
}

/*
 * The process's memory has TIDs of its own PID namespace. If the kernel knows the control block, it
 * is found without them.
 */
static bool needs_inner_tids(const struct proc *proc)
{
	uint64_t inner = proc->status ? parse_status_inner_pid(proc->status) : UNKNOWN;

	return inner != UNKNOWN && inner != (uint64_t)proc->pid;
}

static int32_t read_inner_tid(struct proc *proc, int task_fd, const char *tid)
{
	char name[32];
	size_t len;
	_cleanup_free_ char *status = NULL;
	uint64_t inner;

	snprintf(name, sizeof(name), "%.10s/status", tid);
	status = proc_read(proc, task_fd, name, &len);
	inner = status ? parse_status_inner_pid(status) : UNKNOWN;
	return inner <= INT32_MAX ? (int32_t)inner : 0;
}

static int compare_threads(const void *a, const void *b)
{
	const struct thread *x = a;
	const struct thread *y = b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

static void add_thread(struct proc *proc, struct facts *facts, int task_fd, const char *number,
		       bool in_detail)
{
	struct thread thread = { .control = UNKNOWN, .sp = UNKNOWN };
	uint64_t tid;

	if (!text_parse_u64(number, 10, &tid) || tid == 0 || tid > INT32_MAX)
		return;
	thread.tid = (int32_t)tid;
	if (proc->is_ours)
		thread.control = proc_find_control(proc, thread.tid);
	if (thread.control == UNKNOWN && needs_inner_tids(proc))
		thread.inner_tid = read_inner_tid(proc, task_fd, number);
	if (in_detail)
		read_detail(proc, task_fd, number, &thread);
	mem_grow(facts->threads, facts->n_threads, facts->cap_threads);
	facts->threads[facts->n_threads++] = thread;
}

static void list_threads(struct proc *proc, struct facts *facts, bool in_detail)
{
	DIR *dir = proc_open_threads(proc->fd);
	struct dirent *entry;

	if (!dir) {
		proc_report(proc, "task", -errno);
		return;
	}
	errno = 0;
	while ((entry = readdir(dir))) {
		add_thread(proc, facts, dirfd(dir), entry->d_name, in_detail);
		errno = 0;
	}
	if (errno != 0)
		proc_report(proc, "task", -errno);
	closedir(dir);
	mem_sort(facts->threads, facts->n_threads, sizeof(*facts->threads), compare_threads);
}

void read_threads(struct proc *proc, struct facts *facts, bool in_detail)
{
	facts->has_robust_lists = proc->is_ours;
	/* Most processes have one thread, and its stack has a name. */
	if (proc->stat.field[STAT_NUM_THREADS] != 1 || in_detail)
		list_threads(proc, facts, in_detail);
}
