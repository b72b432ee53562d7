/* SPDX-License-Identifier: MIT */
/*
 * Facts: one address space as it was read. Readers fill them: process, threads, mappings,
 * objects with their ELF images, stack blocks, arena heaps, counters, notes. Later stages take
 * them const, except that sum_swapped() corrects process.swapped.
 *
 * Addresses and sizes are in bytes and 64 bits wide whatever the host; ranges are half-open,
 * [start, end). The facts own all they point to; everything downstream borrows.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/util.h"
#include "model/arena.h"
#include "model/image.h"
#include "model/kind.h"
#include "model/notes.h"
#include "model/object.h"
#include "model/perms.h"
#include "model/request.h"
#include "model/usage.h"

#define NO_TID (-1)

/* What an address space was read from. */
enum origin {
	ORIGIN_PROCESS, /* a process, live or recorded */
	ORIGIN_ELF,	/* an ELF file, as it would be loaded */
	ORIGIN_CORE,	/* a core file */
	N_ORIGINS,
};

extern const char *const origin_names[N_ORIGINS];

#define NO_MAPPING UINT32_MAX

struct mapping { /* one line of /proc/PID/maps */
	uint64_t start, end;
	uint64_t offset;
	uint32_t object;
	uint8_t perms;
	bool begins_with_block; /* a malloc block large enough to be mmapped; for NEED_LARGE_BLOCKS */
};

#define THREAD_CRASHED '!' /* a state that the kernel has no letter for */

struct thread {
	int32_t tid;
	int32_t inner_tid; /* TID in its own PID namespace, as in its memory; 0: the same, or not needed */
	char state;	   /* 'R', 'S', …; 0: not known */
	char *comm;	   /* any bytes; NULL: not known */
	size_t comm_len;
	uint64_t control; /* an address inside its control block; UNKNOWN: not available */
	uint64_t sp;	  /* stack pointer; UNKNOWN: not readable, as while the thread is running */
	uint64_t arena;	  /* address of the malloc arena that it uses; 0: none; UNKNOWN: not read */
};

/* A thread's stack, found through its control block in memory. */
struct stack_block {
	uint64_t start, end; /* the guard included */
	uint64_t guard;	     /* its size, at the low end */
	int32_t tid;	     /* or NO_TID: the thread has exited, but the library keeps the stack */
	bool is_current;     /* found by the thread's stack pointer instead: no library knows it */
};

/*
 * A guard inside a mapping (MADV_GUARD_INSTALL). `top` is where the memory above it ends: at the next such
 * guard or at the end of the mapping.
 */
struct hidden_guard {
	uint64_t start, end;
	uint64_t top;
};

/* Nameless anonymous memory whose place shows its kind. */
struct inferred_use {
	uint64_t start, end;
	enum kind kind;
};

struct dumped_range {
	uint64_t start, end;
};

/* A core file, and how its process ended. */
struct core {
	const char *path; /* borrowed */
	unsigned machine; /* EM_* */
	bool is_big_endian;
	uint64_t file_size;
	struct dumped_range *dumped; /* memory that the file contains; sorted, disjoint */
	size_t n_dumped, cap_dumped;
	uint64_t missing; /* bytes that it should contain, but that lie beyond its end */
	int signal;	  /* 0: no signal ended it, as when a debugger wrote the file */
	int sender;	  /* PID of the process that sent the signal; -1: none did, or it is not known */
	const char *signal_name; /* NULL: the machine has its own signal numbers */
	uint64_t fault;		 /* the address that could not be accessed or executed, or UNKNOWN */
	int32_t tid;		 /* the thread that got the signal, or NO_TID */
};

/* Limits that a process may run into. */
enum limit_id {
	LIMIT_MAPPINGS, /* vm.max_map_count */
	LIMIT_VIRTUAL,	/* RLIMIT_AS */
	LIMIT_STACK,	/* RLIMIT_STACK: of the main thread's stack */
	LIMIT_LOCKED,	/* RLIMIT_MEMLOCK */
	LIMIT_CORE,	/* RLIMIT_CORE */
	N_LIMITS,
};

struct limit_name {
	const char *key;  /* in JSON */
	const char *text; /* for people */
};

extern const struct limit_name limit_names[N_LIMITS];

struct limit {
	uint64_t max; /* UNKNOWN: not read, or there is none */
	bool is_unlimited;
};

/* The process as a whole, from the kernel. Counters are in bytes; UNKNOWN: the kernel gives none. */
struct process {
	int pid, ppid;	  /* -1: not known */
	char *comm, *exe; /* any bytes; NULL: not known */
	size_t comm_len, exe_len;
	char *user;	  /* name, or number if it has none; NULL: not known */
	uint64_t uid;	  /* the effective user */
	uint64_t started; /* start time, in seconds since 1970 */
	uint64_t virtual, resident, swapped, page_tables, threads;
	uint64_t locked;
	uint64_t kernel_stacks; /* of all threads */
	struct limit limits[N_LIMITS];
	uint64_t start_brk;
	uint64_t dump_filter; /* coredump_filter, see core(5); UNKNOWN: not read */
	bool shares_memory;   /* with its parent (CLONE_VM): [stack] is then the parent's main stack */
};

struct saved_sum { /* over regions that the snapshot does not list */
	uint64_t regions, size, padding;
	uint64_t *usage; /* by slot, for the first n_slots; UNKNOWN: not known */
	size_t n_slots;
	uint32_t object; /* whose name the regions have; objects[0]: the sum is by kind or by module */
};

/*
 * Totals of the whole process, from a snapshot. Its regions may be only a part: those that were selected
 * when it was written.
 */
struct saved {
	unsigned parts;				/* JSON_* that it has */
	uint64_t mappings, reserved, committed; /* committed: all that is not reserved */
	uint64_t used[N_LIMITS];
	uint64_t dumped;	       /* of a core file: the total of facts.core.dumped */
	char *core_path, *signal_name; /* what facts.core borrows */
	uint32_t *numbers;	       /* of each of facts.mappings, among all mappings of the process */
	/* Without regions: sums by kind, by name and by module. */
	struct saved_sum totals[N_KINDS];
	struct saved_sum *named, *modules;
	size_t n_named, cap_named, n_modules, cap_modules;
};

#define NO_TIME INT64_MIN

struct facts {
	enum origin origin;
	struct elf_header elf;	/* of ORIGIN_ELF */
	struct core core;	/* of ORIGIN_CORE */
	struct process process; /* of ORIGIN_ELF: only exe, which is the file, and virtual */
	uint64_t page_size;
	size_t word_size; /* 4 or 8; 0: not known */
	int64_t taken_at; /* seconds since 1970, or NO_TIME */

	struct mapping *mappings; /* sorted by address, disjoint */
	size_t n_mappings, cap_mappings;
	struct object **objects; /* objects[0] is the nameless one */
	size_t n_objects, cap_objects;
	void *object_index;	/* tsearch() tree over objects */
	struct thread *threads; /* sorted by tid */
	size_t n_threads, cap_threads;
	struct stack_block *blocks; /* sorted by start, disjoint */
	size_t n_blocks, cap_blocks;
	struct hidden_guard *hidden_guards; /* sorted; in the mappings that were searched for stacks */
	size_t n_hidden_guards, cap_hidden_guards;
	struct arena_heap *heaps; /* sorted */
	size_t n_heaps, cap_heaps;
	struct inferred_use *inferred; /* sorted, disjoint; if mappings have no names */
	size_t n_inferred, cap_inferred;
	bool has_robust_lists; /* a thread without `control` has no glibc control block of this word size */
	/*
	 * Something is swapped out on this system, and some mappings may have pages in swap unseen
	 * (may_hide_swap()): the page map and VmSwap leave these out, only smaps counts them.
	 */
	bool hides_swap;
	bool knows_heaps;    /* `heaps` is complete */
	struct usage usage;  /* rows by mapping; no slots when no counters were asked for */
	struct saved *saved; /* of a snapshot, else NULL */
	bool has_cut_names;  /* a note says so */
	struct notes notes;
};

/* The kernel's own sums over a process, in bytes; UNKNOWN: not read. */
struct kernel_sums {
	uint64_t size, resident;
	uint64_t lazily_freed; /* by madvise(MADV_FREE), and not yet reclaimed */
};

void facts_init(struct facts *facts);
void facts_done(struct facts *facts);

/* How much of a name an object keeps: all of it, unless it is longer than any path. */
size_t facts_name_len(const char *name, size_t len) _pure_;

/*
 * The index of the object with this device, inode and name (NULL: nameless), which is added if it
 * is new. The name is copied; a note says if not all of it is kept.
 */
uint32_t facts_object(struct facts *facts, uint32_t major, uint32_t minor, uint64_t inode, const char *name,
		      size_t name_len);

/* Makes room for one more mapping. The caller fills it in; it must lie above all others. */
static inline struct mapping *facts_append_mapping(struct facts *facts)
{
	mem_grow_from(facts->mappings, facts->n_mappings, facts->cap_mappings, 1024);
	return &facts->mappings[facts->n_mappings++];
}

/* Adds a copy of a mapping that lies above all others. */
static inline void facts_add_mapping(struct facts *facts, const struct mapping *mapping)
{
	*facts_append_mapping(facts) = *mapping;
}

/* Sets the fields of each object that follow from its mappings. */
void facts_count_objects(struct facts *facts);

/* How many bytes of [start, end) the core file contains; UNKNOWN if the facts are not from one. */
uint64_t facts_dumped(const struct facts *facts, uint64_t start, uint64_t end) _pure_;

/*
 * The first pages from `start` on, and before `end`, that a core file has any bytes of. False: it has none. `start`
 * and `end` are those of pages.
 */
bool facts_next_dumped(const struct facts *facts, uint64_t start, uint64_t end, uint64_t *ret_start,
		       uint64_t *ret_end);

/*
 * Adds an object for a part of the file of object `whole`, with the same name and state. The caller assigns
 * its mappings and then calls facts_count_objects().
 */
struct object *facts_add_part(struct facts *facts, uint32_t whole, uint64_t offset, uint64_t size);

/* Drops the mappings, so that they can be read again; objects stay. */
void facts_drop_mappings(struct facts *facts);

/*
 * Whether an address is in the kernel's half. A process has only the vsyscall page there, which is not
 * its own and not in its page tables. For a range, pass its end.
 */
static inline bool is_above_user_space(uint64_t addr)
{
	return addr > INT64_MAX;
}

/* The index of the mapping that the kernel calls [stack], the main thread's; n_mappings if there is none. */
size_t facts_main_stack(const struct facts *facts) _pure_;

/*
 * The whole main stack, including parts that lost the name because their access or flags were changed: they
 * adjoin [stack], and the kernel keeps everything else away from it. False if there is none.
 */
bool facts_main_stack_range(const struct facts *facts, uint64_t *ret_start, uint64_t *ret_end);

/* Whether any of the blocks, which are sorted and disjoint, overlaps a mapping. */
bool stack_blocks_overlap(const struct stack_block *blocks, size_t n, const struct mapping *m) _pure_;

/* The index of the first mapping that ends above addr; n_mappings if there is none. */
size_t facts_find_mapping(const struct facts *facts, uint64_t addr) _pure_;

/* The index of a thread; n_threads for NO_TID and for a TID that the process does not have. */
size_t facts_find_thread(const struct facts *facts, int32_t tid) _pure_;

/* The size of all mappings. */
uint64_t facts_size(const struct facts *facts) _pure_;

/*
 * facts_virtual() is what the kernel counts as VmSize: all but the vsyscall page, which belongs to no
 * process. facts_reserved() is the inaccessible part of it, facts_committed() the rest; for an ELF
 * file, these two add up to all that would be mapped.
 */
uint64_t facts_virtual(const struct facts *facts) _pure_;
uint64_t facts_reserved(const struct facts *facts) _pure_;
uint64_t facts_committed(const struct facts *facts) _pure_;

/* Whether a snapshot has no regions. What is otherwise computed from regions was then saved separately. */
static inline bool lacks_regions(const struct facts *facts)
{
	return facts->saved && !(facts->saved->parts & JSON_REGIONS);
}

/* Whether a snapshot has only some of the mappings, or none. */
static inline bool lacks_mappings(const struct facts *facts)
{
	return facts->saved && facts->saved->mappings != facts->n_mappings;
}

/* How many mappings the process has, even if a snapshot has only some; and the number of one among all. */
uint64_t facts_count_mappings(const struct facts *facts) _pure_;
uint32_t facts_mapping_number(const struct facts *facts, uint32_t mapping) _pure_;

/*
 * How much the process uses of what a limit covers; UNKNOWN for a file, which uses nothing yet. The
 * size of a core that it would leave is not among the facts: see space_used().
 */
uint64_t facts_used(const struct facts *facts, enum limit_id limit) _pure_;

static inline const struct object *mapping_object(const struct facts *facts, const struct mapping *m)
{
	return facts->objects[m->object];
}

/* Private memory without a file, whatever it is called. */
static inline bool is_anonymous(const struct facts *facts, const struct mapping *m)
{
	enum object_type type = facts->objects[m->object]->type;

	return !(m->perms & PERM_SHARED) &&
	       (type == OBJECT_NONE || type == OBJECT_PSEUDO || type == OBJECT_KERNEL || type == OBJECT_ZERO);
}

/* Private memory without a file and without a name. */
static inline bool is_nameless(const struct facts *facts, const struct mapping *m)
{
	return facts->objects[m->object]->type == OBJECT_NONE && !(m->perms & PERM_SHARED);
}

/*
 * Whether mapping `i` looks like a separate stack: nameless, readable and writable, right above
 * inaccessible pages. Inline, because several readers call it for every mapping, and access rights
 * alone rule out most.
 */
static inline bool has_guard_below(const struct facts *facts, size_t i)
{
	const struct mapping *m = &facts->mappings[i];

	return i > 0 && (m->perms & (PERM_R | PERM_W)) == (PERM_R | PERM_W) && !has_access(m[-1].perms) &&
	       m[-1].end == m->start && is_nameless(facts, m) && is_nameless(facts, m - 1);
}
