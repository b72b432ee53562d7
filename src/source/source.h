/* SPDX-License-Identifier: MIT */
/*
 * A source is where an address space is read from: a process, a core file, an ELF file, or a record of
 * one. Callers ask it for memory, pages, files and threads without knowing which it is.
 *
 * A source leaves out the operations that it does not support: source_*() then return -ENOTSUP, or what
 * is stated for each of them. Addresses are the target's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/progress.h"
#include "model/facts.h"
#include "model/request.h"
#include "model/space.h"

#define PARTS_MAX 64 /* to be read, or asked for, at once */

/* A piece of memory to read, and where to put it. */
struct memory_part {
	uint64_t addr;
	void *buf;
	size_t len;
};

/* Pages in one state: bits as in include/uapi/linux/fs.h. */
struct page_region {
	uint64_t start, end, categories;
};

#define PAGE_IS_WRITTEN (1u << 1) /* not write-protected by userfaultfd(2) */
#define PAGE_IS_PRESENT (1u << 3)
#define PAGE_IS_SWAPPED (1u << 4)
#define PAGE_IS_PFNZERO (1u << 5) /* read but never written: the zero page */
#define PAGE_IS_HUGE (1u << 6)
#define PAGE_IS_GUARD (1u << 8)	      /* MADV_GUARD_INSTALL */
#define PAGE_IS_UNSURE (1u << 30)     /* swapped, or only a mark of userfaultfd(2) and no page */
#define PAGE_IS_INCOMPLETE (1u << 31) /* not known whether it is huge or the zero page */

/* Called for each run of pages in one state, in order; pages in no state are left out. */
typedef void page_walk_fn(void *context, const struct page_region *region);

/* Half-open; a page belongs to the range that holds its first byte. */
struct page_range {
	uint64_t start, end;
	uint64_t resident, swapped; /* for count_pages() to fill in, in bytes */
};

/* A private page of the target: its address, and its word from source_read_page_words(). */
struct private_page {
	uint64_t addr, word;
};

/* A private page, compared with what another process has at the same address. */
enum page_relation {
	PAGE_ABSENT,   /* no page there */
	PAGE_UNCLEAR,  /* one of the two is swapped out: they may be the same page or not */
	PAGE_SEPARATE, /* another page */
	PAGE_COMMON,   /* the same frame, or the same place in swap */
};

struct other_process {
	int pid;
	char *comm; /* any bytes; NULL: not known */
	size_t comm_len;
	struct other_mapping *mappings;
	size_t n_mappings, cap_mappings;
	/*
	 * It comes from the same fork(2) as the target, and neither has called execve(2) since. Then
	 * `pages` has an enum page_relation for each page that was asked about; NULL: they could not be
	 * read.
	 */
	bool is_relative;
	uint8_t *pages;
	bool has_same_memory; /* it shares all memory with the target (CLONE_VM) */
};

/*
 * Called in any order for each process that is a relative, or maps anything of the target's. Everything in
 * `other` is borrowed.
 */
typedef void other_fn(void *context, const struct other_process *other);

struct registers;
struct source;

/* Called while a thread is stopped. */
typedef int hold_fn(void *context, struct error *err);

struct source_ops {
	/* Facts. `facts` come from facts_init(); what cannot be read becomes a note. */
	int (*read_facts)(struct source *source, const struct request *request, struct facts *facts,
			  struct error *err);
	struct kernel_sums (*read_sums)(struct source *source, bool wants_resident);
	bool (*loaded_files_changed)(struct source *source, const struct facts *facts);
	int (*verify)(struct source *source, struct error *err);
	void (*note_unread)(struct source *source, struct notes *notes);
	/* Instead of all others, if everything was judged and answered before: see source_read_space(). */
	int (*read_space)(struct source *source, const struct request *request, struct space *space,
			  struct error *err);
	int (*explain)(struct source *source, const char *what, int code, struct error *err);
	void (*close)(struct source *source);

	/* Memory. */
	ssize_t (*read_memory)(struct source *source, uint64_t addr, void *buf, size_t len);
	ssize_t (*touch_memory)(struct source *source, uint64_t addr, void *buf, size_t len);
	size_t (*read_parts)(struct source *source, const struct memory_part *parts, size_t n);
	void (*find_present)(struct source *source, const uint64_t *addrs, size_t n, bool *ret);

	/* Pages. */
	int (*walk_pages)(struct source *source, const struct page_range *ranges, size_t n, bool is_whole_map,
			  page_walk_fn *take, void *context);
	ssize_t (*read_page_words)(struct source *source, uint64_t addr, uint64_t *words, size_t n);
	int (*read_frame_flags)(struct source *source, uint64_t frame, uint64_t *ret);

	/* Other processes. */
	int (*read_others)(struct source *source, const struct facts *facts, const struct private_page *pages,
			   size_t n_pages, other_fn *take, void *context, struct notes *notes);
	enum answer (*may_write)(struct source *source, const struct mapping *m);

	/* Files. */
	int (*open_object)(struct source *source, const struct facts *facts, const struct object *object,
			   struct stat *ret_stat);
	int (*open_program)(struct source *source);
	int (*find_path)(struct source *source, const char *path);
	bool (*has_own_users)(struct source *source);

	/* Threads. */
	uint64_t (*find_control)(struct source *source, int32_t tid);
	uint64_t (*find_sp)(struct source *source, int32_t tid);
	int (*hold_thread)(struct source *source, int32_t tid, hold_fn *act, void *context,
			   struct error *err);
	int (*hold_process)(struct source *source, hold_fn *act, void *context, struct error *err);
	int (*read_registers)(struct source *source, int32_t tid, unsigned machine, struct registers *ret);
	void (*release_process)(struct source *source);
	ssize_t (*read_register_words)(struct source *source, int32_t tid, void *buf, size_t len);
};

/* The first member of every kind of source. */
struct source {
	const struct source_ops *ops;
	int pid; /* of a process; 0 for a file */
	/* A process of this system in the kernel's /proc, not a recording or a file: its kernel is ours. */
	bool is_native;
	bool is_held; /* all its threads are stopped now */
	/* How often inspect() has read it. A target that is opened again goes on counting. */
	unsigned n_attempts;
	uint64_t held_since_ns;	   /* when they were stopped */
	double held_ms;		   /* how long they were stopped; set when they go on */
	struct progress *progress; /* borrowed; counts the memory that is read; NULL: none */
};

/*
 * Reads the facts; only the map itself must be readable. 0; -EACCES or -EPERM, with the reason;
 * -ESTALE: the process is in the middle of execve(), or just ending, and the caller may try again; or
 * another negative errno.
 */
static inline int source_read_facts(struct source *source, const struct request *request, struct facts *facts,
				    struct error *err)
{
	return source->ops->read_facts(source, request, facts, err);
}

/*
 * Whether a source is a record of what was read, judged and answered before. Then source_read_space()
 * reads all of that into a space from space_init(), and nothing is judged again. It returns 0;
 * -ENODATA: there is nothing more in the record; or another negative errno, with the reason.
 */
static inline bool source_is_judged(const struct source *source)
{
	return source->ops->read_space != NULL;
}

static inline int source_read_space(struct source *source, const struct request *request, struct space *space,
				    struct error *err)
{
	return source->ops->read_space(source, request, space, err);
}

/*
 * The kernel's own sums, UNKNOWN if there are none. `wants_resident`: also that of resident memory,
 * which is expensive.
 */
struct kernel_sums source_read_sums(struct source *source, bool wants_resident);

/*
 * Checks that everything was read from the same program: 0; -ESRCH: the process has ended; -ESTALE: it
 * has executed another program.
 */
int source_verify(struct source *source, struct error *err);

/* Whether private mappings of files have changed since the facts were read: a library is being loaded. */
bool source_loaded_files_changed(struct source *source, const struct facts *facts);

/* Notes what could not be read so far although nothing forbids it. */
void source_note_unread(struct source *source, struct notes *notes);

/* Says in words why reading `what` was refused with `code`, and what would help. Returns code. */
int source_explain(struct source *source, const char *what, int code, struct error *err);

/* Closes what the source has open. */
void source_close(struct source *source);

/*
 * Reads memory. Pages that a process has never touched are not accessed, because the kernel would then
 * give it page tables for them: they read as zeroes. Returns the number of bytes read, all or up to where
 * nothing is mapped; -ENODATA: none of the pages was ever touched; or another negative errno.
 */
ssize_t source_read_memory(struct source *source, uint64_t addr, void *buf, size_t len);

/* The same for a held thread, but all pages are accessed; reads at most up to where nothing is mapped. */
ssize_t source_touch_memory(struct source *source, uint64_t addr, void *buf, size_t len);

/*
 * Reads up to PARTS_MAX pieces that were certainly touched. Returns how many of them, from the
 * first on, were read; source_read_memory() may still be able to read the others.
 */
size_t source_read_parts(struct source *source, const struct memory_part *parts, size_t n);

/* Of up to PARTS_MAX addresses, whether the page is in memory, so that reading it causes no page fault. */
void source_find_present(struct source *source, const uint64_t *addrs, size_t n, bool *ret);

/*
 * Walks ranges that are sorted and disjoint: calls `take` for pages that are present, swapped, the zero
 * page, huge or a guard, in the ranges and, if these lie close together, between them. `is_whole_map`: the
 * ranges are all that is mapped, and the walk must be fast and complete or fail. 0, or a negative errno.
 */
int source_walk_pages(struct source *source, const struct page_range *ranges, size_t n, bool is_whole_map,
		      page_walk_fn *take, void *context);

/* Whether the page at an address is a guard inside a mapping (MADV_GUARD_INSTALL). */
bool source_is_guard(struct source *source, uint64_t addr);

/*
 * Words of /proc/PID/pagemap (Documentation/admin-guide/mm/pagemap.rst) for `n` pages from `addr` on.
 * Returns how many were read, or a negative errno.
 */
ssize_t source_read_page_words(struct source *source, uint64_t addr, uint64_t *words, size_t n);

/*
 * Whether a page, by its word, is the zero page, which stands for all pages that were read but never
 * written; it does not count towards RSS. ANSWER_UNKNOWN: it may be, but its frame is hidden.
 */
enum answer source_is_zero_page(struct source *source, uint64_t word);

/* The word of a page frame in /proc/kpageflags. 0, or a negative errno. */
int source_read_frame_flags(struct source *source, uint64_t frame, uint64_t *ret);

/*
 * Reads the maps of all other processes, and calls `take` for those that have something in common with the
 * target: objects of its facts, or memory from before a fork(2), for which `pages` (sorted) are compared.
 * Processes that cannot be read get a note. 0, or a negative errno: there is no list of processes.
 */
int source_read_others(struct source *source, const struct facts *facts, const struct private_page *pages,
		       size_t n_pages, other_fn *take, void *context, struct notes *notes);

/* Whether a shared mapping of the target that is not writable may become so: other_mapping.may_write. */
enum answer source_may_write(struct source *source, const struct mapping *m);

/*
 * Opens the file of `object` for reading if it is a regular file and the one that is mapped. If it was
 * found, *ret_stat has its device, inode, mode, owner and time of last change. A descriptor; -ENXIO:
 * found, but not a regular file; -ESTALE: found, but an earlier version of it is mapped; or another
 * negative errno.
 */
int source_open_object(struct source *source, const struct facts *facts, const struct object *object,
		       struct stat *ret_stat);

/* Opens the program that the target runs. A descriptor, or a negative errno. */
int source_open_program(struct source *source);

/*
 * An O_PATH descriptor of what `path` leads to as the target sees it, following symbolic links; or
 * a negative errno.
 */
int source_find_path(struct source *source, const char *path);

/*
 * Whether the users of the target are, or may be, other than those of the system, as in a container with a
 * user namespace.
 */
bool source_has_own_users(struct source *source);

/*
 * An address inside the control block that the C library keeps for a thread, at this moment; UNKNOWN: not
 * known.
 */
uint64_t source_find_control(struct source *source, int32_t tid);

/* The stack pointer of a thread at this moment; UNKNOWN: not readable, as while the thread is running. */
uint64_t source_find_sp(struct source *source, int32_t tid);

/*
 * Calls `act` with `context` while thread `tid` is stopped, so that its registers and its stack are
 * from one moment. Returns what `act` returned; or, with the reason in words: -ESRCH: there is no such
 * thread, or it has ended; -EPERM: forbidden, or it is already traced; -ETIMEDOUT: it is deep in the
 * kernel and has not stopped (and will not); or another negative errno.
 */
int source_hold_thread(struct source *source, int32_t tid, hold_fn *act, void *context, struct error *err);

/*
 * The same while all threads are stopped. In a source that does not change, such as a core file,
 * nothing has to be stopped.
 */
int source_hold_process(struct source *source, hold_fn *act, void *context, struct error *err);

/* Lets the threads go on before `act` returns, once it no longer needs memory and registers as they were. */
void source_release_process(struct source *source);

/*
 * Reads the registers of a held thread. `machine`: EM_*. 0; -ENOTSUP: the machine is not known here; or
 * another negative errno.
 */
int source_read_registers(struct source *source, int32_t tid, unsigned machine, struct registers *ret);

/* The same as raw words in any order, whatever the machine. Returns the bytes read, or a negative errno. */
ssize_t source_read_register_words(struct source *source, int32_t tid, void *buf, size_t len);

/* Bits of /proc/PID/pagemap, one word a page. */
#define PM_PFN ((UINT64_C(1) << 55) - 1) /* 0 for unprivileged readers */
#define PM_EXCLUSIVE (UINT64_C(1) << 56)
#define PM_PROTECTED (UINT64_C(1) << 57) /* write-protected by userfaultfd(2) */
#define PM_GUARD (UINT64_C(1) << 58)
#define PM_FILE (UINT64_C(1) << 61) /* of a file or shared */
#define PM_SWAPPED (UINT64_C(1) << 62)
#define PM_PRESENT (UINT64_C(1) << 63)

/* Bits of /proc/kpageflags, one word a page frame; for root (include/uapi/linux/kernel-page-flags.h). */
#define KPF_DIRTY (UINT64_C(1) << 4)
#define KPF_SWAPBACKED (UINT64_C(1) << 14)
#define KPF_ZERO_PAGE (UINT64_C(1) << 24)
