/* SPDX-License-Identifier: MIT */
/*
 * One process's directory under a proc root: /proc itself, a container's, or a recorded tree.
 *
 * The directory is opened once and everything is reached through it, so a process number that
 * is used again cannot mix two processes: what belonged to the first one fails with ESRCH.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "proc/status.h"

struct proc {
	int pid;	   /* of the process, also where a thread's number was given */
	bool is_live;	   /* a real procfs, not a recorded tree */
	bool is_ours;	   /* and its numbers are those that system calls take */
	int fd;		   /* /proc/PID */
	int mm_fd;	   /* where the memory can be read: fd, or a living thread's directory */
	int memory_fd;	   /* mem, opened when first needed */
	int pages_fd;	   /* pagemap, likewise */
	int root_fd;	   /* the process's root directory, likewise */
	bool no_map_files; /* opening through map_files was refused once: not tried again */
	/* When opened, and in this order, so that proc_verify() speaks for both: */
	struct proc_stat stat; /* all zero where it could not be read */
	char *status;	       /* the text of this file below fd; NULL where it could not be read */
};

/*
 * Opens process (or thread) `pid` under the directory `root`. 0, or -ESRCH (no such process),
 * -ENODATA (a kernel thread or zombie: no memory), or another negative errno.
 */
int proc_open(struct proc *proc, const char *root, int pid, struct error *err);
void proc_done(struct proc *proc);

/* Opens a file below a directory for reading. A descriptor or a negative errno. */
int proc_open_file(int dir_fd, const char *name);

/*
 * A whole file below a directory, with a NUL after it; the caller frees it. NULL with errno
 * set when it cannot be read.
 */
char *proc_read_file(int dir_fd, const char *name, size_t *ret_len);

/*
 * The name of a process or thread: from its stat, as it was read (state 0: it could not be), else from the
 * file comm that `name` is below a directory. As proc_read_file().
 */
char *proc_read_comm(const struct proc_stat *stat, int dir_fd, const char *name, size_t *ret_len);

/* Where a symbolic link below a directory points to; as proc_read_file(). */
char *proc_read_link(int dir_fd, const char *name, size_t *ret_len);

/*
 * Bytes of the process's memory. Pages that it has never touched are not looked at, since that
 * would make the kernel give it page tables for them: they read as zeroes. The number read, all
 * or up to where nothing is mapped; -ENODATA when no page was touched; or a negative errno.
 */
ssize_t proc_read_memory(struct proc *proc, uint64_t addr, void *buf, size_t len);

/* The descriptor of the process's page map, which `proc` keeps; or a negative errno. */
int proc_page_map(struct proc *proc);

#define PARTS_MAX 64 /* that are read at once */

/* A piece of the process's memory, and where to put it. */
struct memory_part {
	uint64_t addr;
	void *buf;
	size_t len;
};

/*
 * Reads up to PARTS_MAX pieces which the process has touched for certain, in one call. Returns how many
 * of them, from the first on, were read; proc_read_memory() may still have the others.
 */
size_t proc_read_parts(struct proc *proc, const struct memory_part *parts, size_t n);

/*
 * Whether the page at an address of a mapped file is in memory, and still the file's own: what a process
 * writes to in its private mapping becomes a copy.
 */
bool proc_is_file_page(struct proc *proc, uint64_t addr);

/* Of up to PARTS_MAX addresses, whether the page there is in memory, so that to read it brings none there. */
void proc_find_present(struct proc *proc, const uint64_t *addrs, size_t n, bool *ret);

/* Whether the page at an address is a guard without a mapping of its own (MADV_GUARD_INSTALL). */
bool proc_is_guard(struct proc *proc, uint64_t addr);

/*
 * An O_PATH descriptor of what `path` leads to below the process's root directory, symbolic
 * links included, which begin there as well; or a negative errno.
 */
int proc_open_path(struct proc *proc, const char *path);

/* Opens for reading what an O_PATH descriptor stands for, without blocking. As above. */
int proc_reopen(int path_fd);

/*
 * Whether the process still runs the program that it ran when it was opened. 0; -ESRCH: it has
 * ended; -ESTALE: it has executed another program.
 */
int proc_verify(struct proc *proc, struct error *err);

/* Says in words why reading `what` was refused with `code`, and what would help. Returns code. */
int proc_explain(struct proc *proc, const char *what, int code, struct error *err);
