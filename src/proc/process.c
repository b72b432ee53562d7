/* SPDX-License-Identifier: MIT */
#include "proc/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>

#include "base/mem.h"
#include "base/text.h"
#include "pages/walk.h"

#define NOT_YET INT_MIN /* any other negative number is why it could not be opened */

#define FILE_MAX ((size_t)64 << 20) /* of what is read as a whole; real ones are far smaller */

#define PF_KTHREAD UINT64_C(0x00200000) /* include/linux/sched.h */

int proc_open_file(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return -errno;
	/* A recorded tree can hold anything; what is no file could block, or never end. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
}

char *proc_read_file(int dir_fd, const char *name, size_t *ret_len)
{
	_cleanup_close_ int fd = proc_open_file(dir_fd, name);
	_cleanup_free_ char *text = NULL;
	char *whole;
	size_t len = 0;
	size_t cap = 0;
	ssize_t n;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	do {
		if (len > FILE_MAX) {
			errno = EFBIG;
			return NULL;
		}
		if (cap - len < 2) {
			cap = cap ? cap * 2 : 4096;
			text = mem_realloc(text, cap, 1);
		}
		n = read(fd, text + len, cap - len - 1);
		if (n > 0)
			len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return NULL;
	text[len] = '\0';
	*ret_len = len;
	whole = text;
	text = NULL;
	return whole;
}

char *proc_read_comm(const struct proc_stat *stat, int dir_fd, const char *name, size_t *ret_len)
{
	char *comm;

	if (stat->state) {
		*ret_len = stat->comm_len;
		return mem_copy(stat->comm, stat->comm_len);
	}
	comm = proc_read_file(dir_fd, name, ret_len);
	/* The kernel adds the newline at the end; one before it belongs to the name. */
	if (comm && *ret_len > 0 && comm[*ret_len - 1] == '\n')
		comm[--*ret_len] = '\0';
	return comm;
}

char *proc_read_link(int dir_fd, const char *name, size_t *ret_len)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir_fd, name, target, sizeof(target));

	if (n < 0)
		return NULL;
	*ret_len = (size_t)n;
	return mem_copy(target, (size_t)n);
}

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
		.memory_fd = NOT_YET,
		.pages_fd = NOT_YET,
		.root_fd = NOT_YET,
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
	if (proc->pages_fd >= 0)
		close(proc->pages_fd);
	if (proc->root_fd >= 0)
		close(proc->root_fd);
	free(proc->status);
	proc->status = NULL;
	proc->fd = proc->mm_fd = proc->memory_fd = proc->pages_fd = proc->root_fd = -1;
}

/* Opens something once and remembers when it is not to be had. */
static int open_once(int *fd, int dir_fd, const char *name, int flags)
{
	if (*fd == NOT_YET) {
		*fd = openat(dir_fd, name, flags | O_CLOEXEC);
		if (*fd < 0)
			*fd = -errno;
	}
	return *fd;
}

int proc_page_map(struct proc *proc)
{
	if (proc->pages_fd == NOT_YET)
		proc->pages_fd = proc_open_file(proc->mm_fd, "pagemap");
	return proc->pages_fd;
}

/* The words of `n` pages in the page map; 0 for those that have none. */
static void read_page_words(struct proc *proc, uint64_t addr, uint64_t page_size, uint64_t *words, size_t n)
{
	int fd = proc_page_map(proc);
	ssize_t len =
		fd < 0 ? 0 : pread(fd, words, n * sizeof(*words), (off_t)(addr / page_size * sizeof(*words)));

	for (size_t i = len < 0 ? 0 : (size_t)len / sizeof(*words); i < n; i++)
		words[i] = 0;
}

static uint64_t page_word(struct proc *proc, uint64_t addr)
{
	uint64_t word = 0;

	if (proc->is_live)
		read_page_words(proc, addr, (uint64_t)sysconf(_SC_PAGESIZE), &word, 1);
	return word;
}

bool proc_is_file_page(struct proc *proc, uint64_t addr)
{
	uint64_t word = page_word(proc, addr);

	return (word & PM_PRESENT) && (word & PM_FILE);
}

/*
 * move_pages(2), which is not told of a node to move them to, moves nothing: it says of many pages where they
 * are, with an error code for those that are nowhere. False where that is not to be had.
 */
static bool find_nodes(struct proc *proc, const uint64_t *addrs, size_t n, int *nodes)
{
	void *pages[PARTS_MAX];

	if (!proc->is_live || !proc->is_ours)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (addrs[i] > UINTPTR_MAX)
			return false;
		pages[i] = (void *)(uintptr_t)addrs[i];
	}
	return syscall(SYS_move_pages, proc->pid, n, pages, NULL, nodes, 0) == 0;
}

void proc_find_present(struct proc *proc, const uint64_t *addrs, size_t n, bool *ret)
{
	int nodes[PARTS_MAX];
	bool has_nodes = find_nodes(proc, addrs, n, nodes);

	for (size_t i = 0; i < n; i++)
		ret[i] = has_nodes ? nodes[i] >= 0 : (page_word(proc, addrs[i]) & PM_PRESENT) != 0;
}

bool proc_is_guard(struct proc *proc, uint64_t addr)
{
	return page_word(proc, addr) & PM_GUARD;
}

static bool is_touched(uint64_t word)
{
	return (word & (PM_PRESENT | PM_SWAPPED)) && !(word & PM_GUARD);
}

#define PAGES_AT_ONCE 16

/* The bytes from `addr` on that lie in pages which have all been touched, or have all not. */
static size_t alike_bytes(struct proc *proc, uint64_t addr, size_t len, bool *ret_touched)
{
	uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t first = page_floor(addr, page_size);
	size_t n = MIN(PAGES_AT_ONCE, (size_t)((page_ceil(addr + len, page_size) - first) / page_size));
	uint64_t words[PAGES_AT_ONCE];
	size_t i = 1;

	read_page_words(proc, addr, page_size, words, n);
	*ret_touched = is_touched(words[0]);
	while (i < n && is_touched(words[i]) == *ret_touched)
		i++;
	return MIN(len, (size_t)(first + i * page_size - addr));
}

ssize_t proc_read_memory(struct proc *proc, uint64_t addr, void *buf, size_t len)
{
	int fd = proc->is_live ? open_once(&proc->memory_fd, proc->mm_fd, "mem", O_RDONLY) : -EACCES;
	bool was_touched = false;
	size_t done = 0;

	if (fd < 0)
		return fd;
	if (addr > INT64_MAX - len)
		return -EFAULT;
	while (done < len) {
		bool touched;
		size_t part = alike_bytes(proc, addr + done, len - done, &touched);
		ssize_t n = (ssize_t)part;

		if (touched)
			n = pread(fd, (char *)buf + done, part, (off_t)(addr + done));
		else
			memset((char *)buf + done, 0, part);
		if (n <= 0)
			return done > 0 ? (ssize_t)done : n < 0 ? -errno : 0;
		was_touched |= touched;
		done += (size_t)n;
	}
	return was_touched ? (ssize_t)done : -ENODATA;
}

size_t proc_read_parts(struct proc *proc, const struct memory_part *parts, size_t n)
{
	struct iovec here[PARTS_MAX], there[PARTS_MAX];
	ssize_t left;
	size_t i = 0;

	n = MIN(n, PARTS_MAX);
	for (size_t k = 0; k < n; k++) {
		/* What a 32-bit build cannot name would be another address. */
		if (parts[k].addr > UINTPTR_MAX - parts[k].len) {
			n = k;
			break;
		}
		here[k] = (struct iovec){ parts[k].buf, parts[k].len };
		there[k] = (struct iovec){ (void *)(uintptr_t)parts[k].addr, parts[k].len };
	}
	/* Whether the number still is this process's, proc_verify() says in the end. */
	left = proc->is_live && proc->is_ours ? process_vm_readv(proc->pid, here, n, there, n, 0) : -1;
	for (; i < n && left >= (ssize_t)parts[i].len; i++)
		left -= (ssize_t)parts[i].len;
	return i;
}

int proc_open_path(struct proc *proc, const char *path)
{
	int flags = O_PATH | O_DIRECTORY;
	int root_fd = open_once(&proc->root_fd, proc->mm_fd, "root", flags);
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	long fd;

	if (root_fd < 0)
		return root_fd;
	fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	/*
	 * Before Linux 5.6 links are followed from our own root. Of a live process the file is
	 * verified afterwards; out of a recorded tree nothing may lead.
	 */
	if (fd < 0 && errno == ENOSYS && proc->is_live)
		fd = openat(root_fd, path + strspn(path, "/"), O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

int proc_reopen(int path_fd)
{
	char self[64];
	int fd;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", path_fd);
	fd = open(self, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -errno : fd;
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

/* ---- why something was refused ---- */

struct credentials {
	uint64_t uid;
	uint64_t permitted; /* capabilities */
};

static bool read_credentials(int dir_fd, const char *name, struct credentials *ret)
{
	size_t len;
	_cleanup_free_ char *status = proc_read_file(dir_fd, name, &len);

	if (!status)
		return false;
	ret->uid = parse_status_user(status);
	return ret->uid != UNKNOWN && parse_status_hex(status, "CapPrm", &ret->permitted);
}

int proc_explain(struct proc *proc, const char *what, int code, struct error *err)
{
	struct credentials mine = { 0 };
	struct credentials its = { 0 };
	const char *why;
	struct stat owner;

	if (code == -ESRCH || code == -ENOENT)
		return error_set(err, -ESRCH, "the process ended while it was being read");
	if (code != -EACCES && code != -EPERM)
		return error_set(err, code, "cannot read %s: %s", what, strerror(-code));
	if (!read_credentials(AT_FDCWD, "/proc/self/status", &mine) ||
	    !read_credentials(proc->fd, "status", &its) || fstatat(proc->fd, what, &owner, 0) != 0)
		return error_set(err, code, "cannot read %s: permission denied", what);
	if (mine.permitted & (UINT64_C(1) << CAP_SYS_PTRACE))
		why = "a security module or a user namespace forbids it, even with CAP_SYS_PTRACE";
	else if (mine.uid == 0)
		why = "root lacks CAP_SYS_PTRACE here; run memmap outside the container, or grant it";
	else if (mine.uid != its.uid)
		return error_set(err, code,
				 "cannot read %s: permission denied: the process belongs to "
				 "user %" PRIu64 "; run memmap as that user or as root",
				 what, its.uid);
	else if (its.permitted & ~mine.permitted)
		why = "the process has capabilities that you have not; run memmap as root";
	else if (owner.st_uid != mine.uid)
		why = "the process is not dumpable (a set-id program, PR_SET_DUMPABLE, or an "
		      "executable that you may not read); run memmap as root";
	else
		why = "a security module or the ptrace settings forbid it; run memmap as root";
	return error_set(err, code, "cannot read %s: permission denied: %s", what, why);
}
