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
	_cleanup_free_ char *comm = proc_read_comm(&proc->stat, proc->fd, "comm", &len);

	row->pid = proc->pid;
	row->processes = 1;
	if (proc->status)
		row->uid = parse_status_user(proc->status);
	if (!comm)
		return;
	row->comm_len = MIN(len, sizeof(row->comm));
	memcpy(row->comm, comm, row->comm_len);
}

static int read_sums(struct proc *proc, struct process_row *row, struct error *err)
{
	size_t len;
	_cleanup_free_ char *rollup = proc_read_file(proc->mm_fd, "smaps_rollup", &len);
	int code = rollup ? 0 : errno;

	if (rollup && len > 0) {
		row->sums = parse_rollup(rollup);
		return 0;
	}
	/* No such file: a kernel before 4.14, or a recorded tree. Nothing in it: the process has just ended. */
	if (code == ENOENT)
		return 0;
	if (code == EACCES || code == EPERM)
		return error_set(err, -EACCES, "may not be read");
	if (code != 0 && code != ESRCH)
		return error_set(err, -code, "cannot read smaps_rollup: %s", strerror(code));
	return error_set(err, -ESRCH, "the process ended while it was being read");
}

static void read_cgroup(const struct proc *proc, struct process_row *row)
{
	size_t len;
	_cleanup_free_ char *text = proc_read_file(proc->fd, "cgroup", &len);

	row->cgroup = text ? parse_cgroup(text) : NULL;
	if (row->cgroup)
		row->container = cgroup_container(row->cgroup, &row->container_len);
}

int proc_read_row(const char *root, int pid, bool wants_cgroup, struct process_row *row, struct error *err)
{
	struct proc proc;
	int r = proc_open(&proc, root, pid, err);

	process_row_init(row);
	if (r < 0)
		return r;
	read_identity(&proc, row);
	r = read_sums(&proc, row, err);
	if (r == 0 && wants_cgroup)
		read_cgroup(&proc, row);
	proc_done(&proc);
	return r;
}
