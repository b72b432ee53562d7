/* SPDX-License-Identifier: MIT */
#include "proc/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/mem.h"
#include "base/text.h"
#include "proc/helper_process.h"
#include "proc/read_file.h"
#include "proc/failed_reads.h"

/* include/linux/sched.h */
#define PF_EXITING UINT64_C(0x00000004)
#define PF_KTHREAD UINT64_C(0x00200000)

/* 0; -ENODATA: it is not a stat file; or another negative errno. */
static int read_stat(int dir_fd, struct proc_stat *ret)
{
	size_t len;
	_cleanup_free_ char *text = NULL;
	int r = proc_read_file(dir_fd, "stat", &text, &len);

	if (r < 0)
		return r;
	return parse_stat(text, len, ret) ? 0 : -ENODATA;
}

/* Whether an error says that a process or thread has ended. */
static bool is_gone(int code)
{
	return code == -ENOENT || code == -ESRCH;
}

DIR *proc_open_threads(int proc_fd)
{
	_cleanup_close_ int fd = openat(proc_fd, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir)
		steal_fd(&fd);
	return dir;
}

/* Opens `root`/number as a directory. */
static int open_directory(int root_fd, int number)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "%d", number);
	fd = openat(root_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The process that a thread belongs to; the number itself if status does not say. */
static int process_of(const struct proc *proc, int number)
{
	uint64_t tgid = proc->status ? parse_status_number(proc->status, "Tgid") : UNKNOWN;

	return tgid > 0 && tgid <= INT_MAX ? (int)tgid : number;
}

static bool has_ended(const struct proc_stat *stat)
{
	return stat->state == 'Z' || stat->state == 'X' || stat->state == 'x';
}

/* Opens the directory of a thread, if it lives; -ENOENT: it does not. */
static int open_if_living(DIR *dir, const char *number, struct proc_stat *ret_stat)
{
	_cleanup_close_ int fd = -1;
	uint64_t tid;
	int r;

	if (!text_parse_u64(number, 10, &tid) || tid > INT_MAX)
		return -ENOENT;
	fd = open_directory(dirfd(dir), (int)tid);
	r = fd < 0 ? fd : read_stat(fd, ret_stat);
	if (r < 0)
		return is_gone(r) ? -ENOENT : r;
	return has_ended(ret_stat) ? -ENOENT : steal_fd(&fd);
}

/*
 * Once the main thread has exited, /proc/PID/maps is empty even if other threads live on; theirs is
 * complete. A descriptor of the first living thread's directory; -ENOENT: there is none; or another
 * negative errno.
 */
static int open_living_thread(int proc_fd, struct proc_stat *ret_stat)
{
	DIR *dir = proc_open_threads(proc_fd);
	int found = -ENOENT;
	struct dirent *entry;

	if (!dir)
		return is_gone(-errno) ? -ENOENT : -errno;
	errno = 0;
	while (found == -ENOENT && (entry = readdir(dir))) {
		found = open_if_living(dir, entry->d_name, ret_stat);
		errno = 0;
	}
	if (found == -ENOENT && errno != 0 && !is_gone(-errno))
		found = -errno;
	closedir(dir);
	return found;
}

/* Finds out where the memory can be read, if there is any. */
static int find_memory(struct proc *proc, struct error *err)
{
	proc->mm_fd = proc->fd;
	if (!proc->stat.state) {
		if (proc->is_live && faccessat(proc->fd, "stat", F_OK, 0) != 0)
			return error_set(err, -ESRCH, "no such process");
		return 0;
	}
	if (proc->stat.field[STAT_FLAGS] & PF_KTHREAD)
		return error_set(err, -ENODATA, "a kernel thread: it has no memory map of its own");
	if (!has_ended(&proc->stat))
		return 0;
	proc->mm_fd = open_living_thread(proc->fd, &proc->stat);
	if (proc->mm_fd >= 0)
		return 0;
	if (proc->mm_fd != -ENOENT)
		return error_set(err, proc->mm_fd, "cannot read its threads: %s", strerror(-proc->mm_fd));
	if (proc->stat.field[STAT_PPID] == 0)
		return error_set(
			err, -ENODATA,
			"a zombie: it has ended and its memory is gone; its parent, which is outside of "
			"this PID namespace, has not yet collected it");
	return error_set(err, -ENODATA,
			 "a zombie: it has ended and its memory is gone; process %d has not yet collected it",
			 (int)proc->stat.field[STAT_PPID]);
}

static int open_number(struct proc *proc, int root_fd, int number)
{
	size_t len;
	int r;

	proc->fd = open_directory(root_fd, number);
	if (proc->fd < 0)
		return proc->fd;
	proc->pid = number;
	r = read_stat(proc->fd, &proc->stat);
	proc_report(proc, "stat", r);
	proc->status = proc_read(proc, proc->fd, "status", &len);
	return 0;
}

/* A thread's number leads to a directory too, but that one does not list the threads. */
static int open_process(struct proc *proc, int root_fd, int number)
{
	int r = open_number(proc, root_fd, number);
	int tgid = process_of(proc, number);

	if (r < 0 || tgid == number)
		return r;
	close(proc->fd);
	free(proc->status);
	proc->status = NULL;
	proc->stat = (struct proc_stat){ 0 };
	return open_number(proc, root_fd, tgid);
}

/*
 * Finds out what kind of tree the root is. In the proc root of another PID namespace, processes
 * have other numbers, and so do we. 0, or a negative errno if that cannot be told.
 */
static int look_at_root(int root_fd, struct proc *proc)
{
	struct statfs fs;
	size_t len;
	_cleanup_free_ char *self = NULL;
	uint64_t pid;
	int r = proc_read_link(root_fd, "self", &self, &len);

	if (r < 0 && r != -ENOENT && r != -EINVAL)
		return r;
	if (fstatfs(root_fd, &fs) != 0)
		return -errno;
	proc->is_ours = self && text_parse_u64(self, 10, &pid) && pid == (uint64_t)getpid();
	proc->is_live = fs.f_type == PROC_SUPER_MAGIC;
	return 0;
}

int proc_open(struct proc *proc, const char *root, int pid, int *run_ms_left, struct error *err)
{
	_cleanup_close_ int root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	*proc = (struct proc){
		.root = root,
		.pid = pid,
		.fd = -1,
		.mm_fd = -1,
		.memory_fd = PROC_NOT_OPENED,
		.page_map = { .fd = PROC_NOT_OPENED },
		.frames_fd = PROC_NOT_OPENED,
		.root_fd = PROC_NOT_OPENED,
		.patience = patience_with_next(run_ms_left),
	};
	if (root_fd < 0)
		return error_set(err, -errno, "cannot open %s: %s", root, strerror(errno));
	r = look_at_root(root_fd, proc);
	if (r < 0)
		return error_set(err, r, "cannot look at %s: %s", root, strerror(-r));
	r = open_process(proc, root_fd, pid);
	if (r == -ENOENT || r == -ESRCH)
		error_set(err, r = -ESRCH, "no such process");
	else if (r < 0)
		error_set(err, r, "cannot open %s/%d: %s", root, pid, strerror(-r));
	else
		r = find_memory(proc, err);
	if (r < 0)
		proc_done(proc);
	return r;
}

void proc_done(struct proc *proc)
{
	if (proc->mm_fd >= 0 && proc->mm_fd != proc->fd)
		close(proc->mm_fd);
	if (proc->fd >= 0)
		close(proc->fd);
	if (proc->memory_fd >= 0)
		close(proc->memory_fd);
	if (proc->page_map.fd >= 0)
		close(proc->page_map.fd);
	if (proc->frames_fd >= 0)
		close(proc->frames_fd);
	if (proc->root_fd >= 0)
		close(proc->root_fd);
	free(proc->status);
	mounts_done(&proc->mounts);
	proc->has_mounts = proc->has_sought_mounts = false;
	free(proc->unread);
	proc->status = proc->unread = NULL;
	proc->fd = proc->mm_fd = proc->memory_fd = proc->root_fd = -1;
	proc->page_map.fd = proc->frames_fd = -1;
}

int proc_open_once(int *fd, int dir_fd, const char *name, int flags)
{
	if (*fd == PROC_NOT_OPENED) {
		*fd = openat(dir_fd, name, flags | O_CLOEXEC);
		if (*fd < 0)
			*fd = -errno;
	}
	return *fd;
}

/* Compares what changes when a process executes another program, or is another process. */
static bool is_same_program(const struct proc_stat *a, const struct proc_stat *b)
{
	static const enum stat_field fields[] = {
		STAT_STARTTIME,	 STAT_STARTCODE, STAT_ENDCODE,	 STAT_STARTSTACK,
		STAT_START_DATA, STAT_END_DATA,	 STAT_START_BRK, STAT_ARG_START,
	};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (a->field[fields[i]] != b->field[fields[i]])
			return false;
	return true;
}

/*
 * Halfway through execve(), the new memory is there but its contents are not. (Without permission
 * to read the memory, both fields are 1.)
 */
static bool is_in_exec(const struct proc_stat *stat)
{
	return stat->field[STAT_STARTCODE] == 0 && stat->field[STAT_ENDCODE] == 0;
}

/*
 * After the thread whose memory was read has ended: -ESRCH if the process has ended as well,
 * otherwise -ESTALE; or another negative errno.
 */
static int explain_end(const struct proc *proc, struct error *err)
{
	struct proc_stat stat;
	_cleanup_close_ int fd = open_living_thread(proc->fd, &stat);

	if (fd == -ENOENT)
		return error_set(err, -ESRCH, "the process ended while it was being read");
	if (fd < 0)
		return error_set(err, fd, "cannot read its threads: %s", strerror(-fd));
	return error_set(err, -ESTALE, "the process keeps executing other programs while it is read");
}

int proc_verify(struct proc *proc, struct error *err)
{
	struct proc_stat now;
	int r;

	if (!proc->is_live)
		return 0;
	r = read_stat(proc->mm_fd, &now);
	if (is_gone(r) || (r == 0 && has_ended(&now)))
		return explain_end(proc, err);
	if (r < 0)
		return error_set(err, r, "cannot check that it is still the same process: %s", strerror(-r));
	if (is_in_exec(&now) || !is_same_program(&proc->stat, &now))
		return error_set(err, -ESTALE, "the process keeps executing other programs while it is read");
	return 0;
}

bool proc_is_ending(const char *root, int pid)
{
	struct proc proc;
	struct error err;
	int r = proc_open(&proc, root, pid, NULL, &err);
	bool is_ending = r == -ESRCH || r == -ENODATA;

	if (r < 0)
		return is_ending;
	is_ending = proc.stat.field[STAT_FLAGS] & PF_EXITING;
	proc_done(&proc);
	return is_ending;
}
