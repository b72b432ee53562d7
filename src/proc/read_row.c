/* SPDX-License-Identifier: MIT */
#include "proc/read_row.h"

#include <errno.h>
#include <string.h>

#include "proc/parse_cgroup.h"
#include "proc/parse_rollup.h"
#include "proc/process.h"
#include "proc/read_file.h"

static void read_identity(const struct proc *proc, struct process_row *row)
{
	size_t len;
	_cleanup_free_ char *comm = NULL;
	int r = proc_read_comm(&proc->stat, proc->fd, "comm", &comm, &len);

	row->pid = proc->pid;
	row->processes = 1;
	if (proc->status)
		row->uid = parse_status_user(proc->status);
	if (r < 0)
		return;
	row->comm_len = MIN(len, sizeof(row->comm));
	memcpy(row->comm, comm, row->comm_len);
}

static int read_sums(struct proc *proc, struct process_row *row, struct error *err)
{
	size_t len;
	_cleanup_free_ char *rollup = NULL;
	int r = proc_read_file(proc->mm_fd, "smaps_rollup", &rollup, &len);

	if (r == 0 && len > 0) {
		row->sums = parse_rollup(rollup);
		return 0;
	}
	/* No such file: a kernel before 4.14, or a recorded tree. Nothing in it: the process has just ended. */
	if (r == -ENOENT)
		return 0;
	if (r == -EACCES || r == -EPERM)
		return error_set(err, -EACCES, "may not be read");
	if (r < 0 && r != -ESRCH)
		return error_set(err, r, "cannot read smaps_rollup: %s", strerror(-r));
	return error_set(err, -ESRCH, "the process ended while it was being read");
}

static void read_cgroup(const struct proc *proc, struct process_row *row)
{
	size_t len;
	_cleanup_free_ char *text = NULL;

	if (proc_read_file(proc->fd, "cgroup", &text, &len) == 0)
		row->cgroup = parse_cgroup(text);
	if (row->cgroup)
		row->container = cgroup_container(row->cgroup, &row->container_len);
}

int proc_read_row(const char *root, int pid, bool wants_cgroup, struct process_row *row, struct error *err)
{
	struct proc proc;
	int r = proc_open(&proc, root, pid, NULL, err);

	process_row_init(row);
	if (r < 0)
		return r;
	read_identity(&proc, row);
	if (wants_cgroup)
		read_cgroup(&proc, row);
	r = read_sums(&proc, row, err);
	proc_done(&proc);
	return r;
}
