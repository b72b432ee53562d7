/* SPDX-License-Identifier: MIT */
/*
 * One process's directory under a proc root: /proc itself, a container's, or a recorded tree.
 *
 * The directory is opened once and everything is reached through it, so a reused PID cannot mix up
 * two processes: files of the first one fail with ESRCH.
 */
#pragma once

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "proc/page_map.h"
#include "proc/parse_mounts.h"
#include "proc/parse_status.h"
#include "proc/patience.h"

#define PROC_NOT_OPENED INT_MIN /* any other negative number is why it could not be opened */

struct held_thread;
struct held_process;

struct proc {
	const char *root;	   /* the proc root; borrowed */
	int pid;		   /* of the process, even if a thread's number was given */
	bool is_live;		   /* a real procfs, not a recorded tree */
	bool is_ours;		   /* its PIDs are the ones that system calls take */
	int fd;			   /* /proc/PID */
	int mm_fd;		   /* where the memory can be read: fd, or a living thread's directory */
	int memory_fd;		   /* mem, opened when first needed */
	int root_fd;		   /* the process's root directory, likewise */
	int frames_fd;		   /* /proc/kpageflags, likewise */
	struct page_walk page_map; /* likewise */
	struct mounts mounts;	   /* mountinfo, read when first needed */
	bool has_sought_mounts, has_mounts;
	bool has_local; /* `local` is a device that is known to be local */
	dev_t local;
	uint64_t part_bytes; /* copied of parts of files, see proc/mapped_file.c */
	bool may_wait;	     /* we are a helper process, see proc/helper_process.h */
	struct patience patience;
	bool has_waited_in_vain;	   /* a helper did not answer in time */
	bool no_map_files;		   /* opening through map_files was refused once: not tried again */
	struct held_thread *held;	   /* the thread that is held; NULL: none */
	struct held_process *held_process; /* likewise for all threads */
	/* Read on opening, and in this order, so that proc_verify() covers both: */
	struct proc_stat stat; /* all zero if it could not be read */
	char *status;	       /* the text of this file below fd; NULL if it could not be read */
	/* Failed reads, see failed_reads.h: how many, the first of them, and its errno. */
	size_t n_unread;
	char *unread;
	int unread_code;
};

/*
 * Opens process (or thread) `pid` under the directory `root`; the string must outlive `proc`.
 * `run_ms_left`: as in struct patience. 0, or -ESRCH (no such process), -ENODATA (a kernel thread or
 * zombie: no memory), or another negative errno.
 */
int proc_open(struct proc *proc, const char *root, int pid, int *run_ms_left, struct error *err);
void proc_done(struct proc *proc);

/*
 * Opens `name` below a directory once, and remembers why it cannot be opened. *fd must begin as
 * PROC_NOT_OPENED.
 */
int proc_open_once(int *fd, int dir_fd, const char *name, int flags);

/* Opens the directory that lists a process's threads by number; the caller closes it. NULL with errno set. */
DIR *proc_open_threads(int proc_fd);

/*
 * Whether the process still runs the program that it ran when it was opened. 0; -ESRCH: it has
 * ended; -ESTALE: it has executed another program.
 */
int proc_verify(struct proc *proc, struct error *err);

/*
 * Whether a process has ended, or has begun to: its memory is gone before it is a zombie. `root` and
 * `pid`: as for proc_open().
 */
bool proc_is_ending(const char *root, int pid);

/* Says in words why reading `what` was refused with `code`, and what would help. Returns code. */
int proc_explain(struct proc *proc, const char *what, int code, struct error *err);
