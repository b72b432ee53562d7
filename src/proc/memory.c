/* SPDX-License-Identifier: MIT */
#include "proc/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc/helper_process.h"
#include "proc/read_file.h"
#include "proc/failed_reads.h"
#include "proc/stop_thread.h"

/* The descriptor of the process's page map; or a negative errno. */
static int proc_page_map(struct proc *proc)
{
	if (proc->page_map.fd == PROC_NOT_OPENED) {
		page_walk_init(&proc->page_map, proc_open_file(proc->mm_fd, "pagemap"),
			       !proc->status || parse_status_number(proc->status, "VmSwap") != 0);
		proc_report(proc, "pagemap", MIN(proc->page_map.fd, 0));
	}
	return proc->page_map.fd;
}

/* The words of `n` pages in the page map; 0 for those that have none. */
static void read_page_words(struct proc *proc, uint64_t addr, uint64_t *words, size_t n)
{
	int fd = proc_page_map(proc);
	ssize_t done = fd < 0 ? fd : page_words(&proc->page_map, addr, words, n);

	if (fd >= 0)
		proc_report(proc, "pagemap", (int)MIN(done, 0));
	for (size_t i = done < 0 ? 0 : (size_t)done; i < n; i++)
		words[i] = 0;
}

static uint64_t page_word(struct proc *proc, uint64_t addr)
{
	uint64_t word = 0;

	if (proc->is_live)
		read_page_words(proc, addr, &word, 1);
	return word;
}

bool proc_is_file_page(struct proc *proc, uint64_t addr)
{
	uint64_t word = page_word(proc, addr);

	return (word & PM_PRESENT) && (word & PM_FILE);
}

/*
 * Without target nodes, move_pages(2) moves nothing: it reports which node each page is on, or an
 * error code if the page is on none. False if the kernel refuses.
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

static bool is_touched(uint64_t word)
{
	return (word & (PM_PRESENT | PM_SWAPPED)) && !(word & PM_GUARD);
}

#define PAGES_AT_ONCE 16

/* How many bytes from `addr` on are in pages that have all been touched, or all not. */
static size_t alike_bytes(struct proc *proc, uint64_t addr, size_t len, bool *ret_touched)
{
	uint64_t page_size = system_page_size();
	uint64_t first = page_floor(addr, page_size);
	size_t n = MIN(PAGES_AT_ONCE, (size_t)((page_ceil(addr + len, page_size) - first) / page_size));
	uint64_t words[PAGES_AT_ONCE];
	size_t i = 1;

	read_page_words(proc, addr, words, n);
	*ret_touched = is_touched(words[0]);
	while (i < n && is_touched(words[i]) == *ret_touched)
		i++;
	return MIN(len, (size_t)(first + i * page_size - addr));
}

static int open_memory(struct proc *proc)
{
	if (proc->memory_fd == PROC_NOT_OPENED)
		proc_report(proc, "mem",
			    MIN(proc_open_once(&proc->memory_fd, proc->mm_fd, "mem", O_RDONLY), 0));
	return proc->memory_fd;
}

/*
 * Reads bytes of touched pages. If another thread has unmapped a page since, it cannot be read
 * either, so a second look decides: if the page is still there, the failure is reported. A short
 * count, or a negative errno (mostly -EIO), if not all could be read.
 */
static ssize_t read_touched(struct proc *proc, uint64_t addr, void *buf, size_t len)
{
	ssize_t n = pread(proc->memory_fd, buf, len, (off_t)addr);
	int code = errno;

	/* Looking at the page also sets errno. */
	if (n < 0 && is_touched(page_word(proc, addr))) {
		n = pread(proc->memory_fd, buf, len, (off_t)addr);
		code = errno;
	}
	if (n >= 0)
		return n;
	if (is_touched(page_word(proc, addr)))
		proc_report(proc, "mem", -code);
	return -code;
}

ssize_t proc_read_memory(struct proc *proc, uint64_t addr, void *buf, size_t len)
{
	int fd = proc->is_live ? open_memory(proc) : -EACCES;
	bool was_touched = false;
	size_t done = 0;

	if (fd < 0)
		return fd;
	if (addr > (uint64_t)INT64_MAX - len)
		return -EFAULT;
	while (done < len) {
		bool touched;
		size_t part = alike_bytes(proc, addr + done, len - done, &touched);
		ssize_t n = (ssize_t)part;

		if (touched)
			n = read_touched(proc, addr + done, (char *)buf + done, part);
		else
			memset((char *)buf + done, 0, part);
		if (n <= 0)
			return done > 0 ? (ssize_t)done : n;
		was_touched |= touched;
		done += (size_t)n;
	}
	return was_touched ? (ssize_t)done : -ENODATA;
}

/*
 * process_vm_readv(2) could read many places in one call, but it pins the pages. For that, the
 * kernel gives the process its own copy of each page that it shares with its parent or its children
 * since fork(2) (gup_must_unshare() in mm/internal.h, Linux 5.19): reading a heap would double it.
 */
size_t proc_read_parts(struct proc *proc, const struct memory_part *parts, size_t n)
{
	int fd = proc->is_live && proc->is_ours ? open_memory(proc) : -EACCES;
	size_t i = 0;

	if (fd < 0)
		return 0;
	while (i < n && parts[i].addr <= (uint64_t)INT64_MAX - parts[i].len &&
	       pread(fd, parts[i].buf, parts[i].len, (off_t)parts[i].addr) == (ssize_t)parts[i].len)
		i++;
	return i;
}

static ssize_t touch_here(struct proc *proc, uint64_t addr, void *buf, size_t len)
{
	int fd = open_memory(proc);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = pread(fd, buf, len, (off_t)addr);
	return n < 0 ? -errno : n;
}

struct touch {
	struct proc *proc;
	uint64_t addr;
	size_t len;
};

static int touch(void *context, void *answer)
{
	const struct touch *it = context;

	return (int)touch_here(it->proc, it->addr, answer, it->len);
}

static bool are_present(struct proc *proc, uint64_t addr, size_t len)
{
	uint64_t page_size = system_page_size();
	uint64_t first = page_floor(addr, page_size);
	size_t n = MIN(PAGES_AT_ONCE, (size_t)((page_ceil(addr + len, page_size) - first) / page_size));
	uint64_t words[PAGES_AT_ONCE];

	read_page_words(proc, addr, words, n);
	for (size_t i = 0; i < n; i++)
		if (!(words[i] & PM_PRESENT))
			return false;
	return first + n * page_size >= addr + len;
}

/*
 * A page fault may have to be served by somebody who does not answer: the server of a file system,
 * or the process itself (userfaultfd(2)).
 */
ssize_t proc_touch_memory(struct proc *proc, uint64_t addr, void *buf, size_t len)
{
	struct touch it = { .proc = proc, .addr = addr, .len = len };

	if (!proc->is_live || !proc->is_ours)
		return -EACCES;
	if (addr > UINT64_MAX - len - system_page_size())
		return -EFAULT;
	if (proc_went_on(proc))
		return -ETIMEDOUT;
	if (are_present(proc, addr, len))
		return touch_here(proc, addr, buf, len);
	/* Opened before the fork: only we may, as the tracer. */
	open_memory(proc);
	return ask_helper(proc, touch, &it, buf, len);
}

int proc_walk_pages(struct proc *proc, const struct page_range *ranges, size_t n, bool is_whole_map,
		    page_walk_fn *take, void *context)
{
	int fd = proc_page_map(proc);
	int r;

	if (fd < 0)
		return fd;
	r = page_walk(&proc->page_map, ranges, n, is_whole_map, take, context);
	proc_report(proc, "pagemap", r);
	return r;
}

ssize_t proc_read_page_words(struct proc *proc, uint64_t addr, uint64_t *words, size_t n)
{
	int fd = proc_page_map(proc);

	ssize_t done;

	if (fd < 0)
		return fd;
	done = page_words(&proc->page_map, addr, words, n);
	proc_report(proc, "pagemap", (int)MIN(done, 0));
	return done;
}

int proc_read_frame_flags(struct proc *proc, uint64_t frame, uint64_t *ret)
{
	int fd = proc->is_live ? proc_open_once(&proc->frames_fd, AT_FDCWD, "/proc/kpageflags", O_RDONLY) :
				 -EACCES;

	if (fd < 0)
		return fd;
	return pread(fd, ret, sizeof(*ret), (off_t)(frame * sizeof(*ret))) == sizeof(*ret) ? 0 : -EIO;
}
