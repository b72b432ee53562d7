/* SPDX-License-Identifier: MIT */
#include "proc/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/mem.h"
#include "base/text.h"
#include "proc/ask.h"
#include "proc/locality.h"
#include "proc/read_file.h"

#define PF_KTHREAD UINT64_C(0x00200000) /* include/linux/sched.h */

static bool read_stat(int dir_fd, struct proc_stat *ret)
{
	size_t len;
	_cleanup_free_ char *text = proc_read_file(dir_fd, "stat", &len);

	return text && parse_stat(text, len, ret);
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

/* The process that a thread belongs to; the number itself when it is not said. */
static int process_of(const struct proc *proc, int number)
{
	uint64_t tgid = proc->status ? parse_status_number(proc->status, "Tgid") : UNKNOWN;

	return tgid > 0 && tgid <= INT_MAX ? (int)tgid : number;
}

static bool has_ended(const struct proc_stat *stat)
{
	return stat->state == 'Z' || stat->state == 'X' || stat->state == 'x';
}

/*
 * When the main thread has exited, /proc/PID/maps is empty however many threads live on;
 * theirs is complete. A descriptor of the first living one's directory, or -ENOENT.
 */
static int open_living_thread(int proc_fd, struct proc_stat *ret_stat)
{
	int task_fd = openat(proc_fd, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = task_fd < 0 ? NULL : fdopendir(task_fd);
	int found = -ENOENT;

	if (!dir) {
		if (task_fd >= 0)
			close(task_fd);
		return found;
	}
	for (struct dirent *entry; found < 0 && (entry = readdir(dir));) {
		_cleanup_close_ int fd = -1;
		uint64_t tid;

		if (!text_parse_u64(entry->d_name, 10, &tid) || tid > INT_MAX)
			continue;
		fd = open_directory(dirfd(dir), (int)tid);
		if (fd >= 0 && read_stat(fd, ret_stat) && !has_ended(ret_stat))
			found = steal_fd(&fd);
	}
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
	return error_set(err, -ENODATA,
			 "a zombie: it has ended and its memory is gone; process %d has not yet collected it",
			 (int)proc->stat.field[STAT_PPID]);
}

static int open_number(struct proc *proc, int root_fd, int number)
{
	size_t len;

	proc->fd = open_directory(root_fd, number);
	if (proc->fd < 0)
		return proc->fd;
	proc->pid = number;
	read_stat(proc->fd, &proc->stat);
	proc->status = proc_read_file(proc->fd, "status", &len);
	return 0;
}

/* A thread's directory is reached by its number too, but it does not list the threads. */
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

/* A proc root of another PID namespace numbers its processes differently: we are another there. */
static bool is_own_root(int root_fd)
{
	size_t len;
	_cleanup_free_ char *self = proc_read_link(root_fd, "self", &len);
	uint64_t pid;

	return self && text_parse_u64(self, 10, &pid) && pid == (uint64_t)getpid();
}

int proc_open(struct proc *proc, const char *root, int pid, struct error *err)
{
	_cleanup_close_ int root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;
	int r;

	*proc = (struct proc){
		.pid = pid,
		.fd = -1,
		.mm_fd = -1,
		.memory_fd = PROC_NOT_OPENED,
		.page_map = { .fd = PROC_NOT_OPENED },
		.frames_fd = PROC_NOT_OPENED,
		.root_fd = PROC_NOT_OPENED,
		.patience = ASK_PATIENCE,
	};
	if (root_fd < 0)
		return error_set(err, -errno, "cannot open %s: %s", root, strerror(errno));
	proc->is_ours = is_own_root(root_fd);
	proc->is_live = fstatfs(root_fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
	r = open_process(proc, root_fd, pid);
	if (r == -ENOENT || r == -ESRCH)
		return error_set(err, -ESRCH, "no such process");
	if (r < 0)
		return error_set(err, r, "cannot open %s/%d: %s", root, pid, strerror(-r));
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
	free(proc->mounts);
	proc->status = proc->mounts = NULL;
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

#define CACHED_TRIES \
	3 /* when something is renamed at the same moment, the kernel does not answer from its memory */

int proc_find_cached(int dir_fd, const char *path, uint64_t resolve)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = resolve | RESOLVE_CACHED };
	long fd = -1;

	errno = EAGAIN;
	for (int i = 0; fd < 0 && errno == EAGAIN && i < CACHED_TRIES; i++)
		fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

int proc_open_path(struct proc *proc, const char *path, bool follow_links)
{
	int flags = O_PATH | O_DIRECTORY;
	int root_fd = proc_open_once(&proc->root_fd, proc->mm_fd, "root", flags);
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | (follow_links ? RESOLVE_NO_MAGICLINKS : RESOLVE_NO_SYMLINKS),
	};
	long fd;

	if (root_fd < 0)
		return root_fd;
	if (proc->is_live && !proc->may_wait && (!follow_links || !proc_all_local(proc))) {
		fd = proc_find_cached(root_fd, path, how.resolve);
		/* RESOLVE_CACHED: since Linux 5.12. */
		if (fd != -EINVAL && fd != -ENOSYS)
			return (int)fd;
	}
	fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	/*
	 * Before Linux 5.6 links are followed from our own root. Of a live process the file is
	 * verified afterwards; out of a recorded tree nothing may lead.
	 */
	if (fd < 0 && errno == ENOSYS && proc->is_live)
		fd = openat(root_fd, path + strspn(path, "/"),
			    O_PATH | O_CLOEXEC | (follow_links ? 0 : O_NOFOLLOW));
	return fd < 0 ? -errno : (int)fd;
}

/* What changes when a process executes another program, or is another process. */
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
 * Half way through execve() the new memory is there but not what belongs in it. (To those who
 * may not read the memory, the two fields are 1.)
 */
static bool is_in_exec(const struct proc_stat *stat)
{
	return stat->field[STAT_STARTCODE] == 0 && stat->field[STAT_ENDCODE] == 0;
}

static bool has_living_thread(const struct proc *proc)
{
	struct proc_stat stat;
	_cleanup_close_ int fd = open_living_thread(proc->fd, &stat);

	return fd >= 0;
}

int proc_verify(struct proc *proc, struct error *err)
{
	struct proc_stat now;
	bool is_gone;

	if (!proc->is_live)
		return 0;
	is_gone = !read_stat(proc->mm_fd, &now) || has_ended(&now);
	if (is_gone && !has_living_thread(proc))
		return error_set(err, -ESRCH, "the process ended while it was being read");
	if (is_gone || is_in_exec(&now) || !is_same_program(&proc->stat, &now))
		return error_set(err, -ESTALE, "the process keeps executing other programs while it is read");
	return 0;
}
