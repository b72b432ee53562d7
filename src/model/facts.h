/* SPDX-License-Identifier: MIT */
/*
 * Facts: one address space as it was read. Readers fill them: process, threads, mappings,
 * objects with their ELF images, stack blocks, arena heaps, counters, notes. Whatever comes
 * after takes them const, but for process.swapped, which sum_swapped() settles.
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
	ORIGIN_CORE,	/* what a process left behind */
	N_ORIGINS,
};

extern const char *const origin_names[N_ORIGINS];

#define NO_MAPPING UINT32_MAX

struct mapping { /* one line of /proc/PID/maps */
	uint64_t start, end;
	uint64_t offset;
	uint32_t object;
	uint8_t perms;
	bool begins_with_block; /* of malloc, so large that it is mapped by itself; for NEED_LARGE_BLOCKS */
};

#define THREAD_CRASHED '!' /* a state that the kernel has no letter for */

struct thread {
	int32_t tid;
	int32_t inner_tid; /* in its own PID namespace, where its memory has that; 0: the same, or not needed */
	char state;	   /* 'R', 'S', …; 0: not known */
	char *comm;	   /* any bytes; NULL: not known */
	size_t comm_len;
	uint64_t control; /* an address inside its control block; UNKNOWN: not available */
	uint64_t sp;	  /* stack pointer; UNKNOWN while it runs, or where it may not be read */
	uint64_t arena;	  /* of malloc, that it uses: the address of its state; 0: none; UNKNOWN: not read */
};

/* A thread's stack, from the memory of its control block. */
struct stack_block {
	uint64_t start, end; /* the guard included */
	uint64_t guard;	     /* its size, at the low end */
	int32_t tid;	     /* or NO_TID: the thread has exited, and the library keeps its stack */
	bool is_current;     /* the thread's stack pointer is there, and no library has a block for it */
};

/*
 * A guard that leaves no mapping (MADV_GUARD_INSTALL), and where the memory above it ends: at the next such
 * guard, or with the mapping.
 */
struct hidden_guard {
	uint64_t start, end;
	uint64_t top;
};

/* Anonymous memory that nothing names, but that is where memory of a kind always is. */
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
	struct dumped_range *dumped; /* memory that the file has; sorted, disjoint */
	size_t n_dumped, cap_dumped;
	uint64_t missing; /* bytes that it should have, and ends before */
	int signal;	  /* 0: it did not end by one, as where a debugger wrote the file */
	int sender;	  /* PID of the process that sent the signal; -1: none did, or it is not known */
	const char *signal_name; /* NULL: the machine has numbers of its own */
	uint64_t fault;		 /* the address that could not be accessed or executed, or UNKNOWN */
	int32_t tid;		 /* the thread that got the signal, or NO_TID */
};

/* What a process may come up against. */
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

/* The process as a whole, from the kernel. Counters in bytes; UNKNOWN where it gives none. */
struct process {
	int pid, ppid;	  /* -1: not known */
	char *comm, *exe; /* any bytes; NULL: not known */
	size_t comm_len, exe_len;
	char *user;	  /* name, or number when it has none; NULL: not known */
	uint64_t uid;	  /* the effective user, */
	uint64_t started; /* and when the process began, in seconds since 1970 */
	uint64_t virtual, resident, swapped, page_tables, threads;
	uint64_t locked;
	uint64_t kernel_stacks; /* of all threads */
	struct limit limits[N_LIMITS];
	uint64_t start_brk;
	uint64_t dump_filter; /* what the kernel writes to a core: core(5); UNKNOWN: not read */
	bool shares_memory; /* with its parent (CLONE_VM), whose main stack it then is that the kernel names */
};

struct saved_sum { /* of regions that are not there themselves */
	uint64_t regions, size, padding;
	uint64_t *usage; /* by slot, the first n_slots of them; UNKNOWN where nothing was known */
	size_t n_slots;
	uint32_t object; /* whose name they have; objects[0]: they are of a kind or of a module */
};

/*
 * Totals that a snapshot has for the whole process. Its regions may be only a part of it: they were narrowed
 * when it was written.
 */
struct saved {
	unsigned parts;				/* JSON_* that it has */
	uint64_t mappings, reserved, committed; /* committed: all that is not reserved */
	uint64_t used[N_LIMITS];
	uint64_t dumped;	       /* of a core file: what facts.core.dumped comes to in all */
	char *core_path, *signal_name; /* what facts.core borrows */
	uint32_t *numbers;	       /* of each of facts.mappings, among all that there were */
	/* Without regions: the sums by kind, by name, and by module. */
	struct saved_sum totals[N_KINDS];
	struct saved_sum *named, *modules;
	size_t n_named, cap_named, n_modules, cap_modules;
};

#define NO_TIME INT64_MIN

struct facts {
	enum origin origin;
	struct elf_header elf;	/* of ORIGIN_ELF */
	struct core core;	/* of ORIGIN_CORE */
	struct process process; /* of ORIGIN_ELF: exe, the file, and virtual; the rest unknown */
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
	struct hidden_guard *hidden_guards; /* sorted; of the mappings in which stacks were looked for */
	size_t n_hidden_guards, cap_hidden_guards;
	struct arena_heap *heaps; /* sorted */
	size_t n_heaps, cap_heaps;
	struct inferred_use *inferred; /* sorted, disjoint; where mappings have no names */
	size_t n_inferred, cap_inferred;
	bool has_robust_lists; /* where a thread has no `control`, it has no glibc block of this word size */
	/*
	 * Something is swapped out on this system, and there are mappings of files that have no other place to go
	 * (may_hide_swap()): the page map and VmSwap leave these out, only smaps knows.
	 */
	bool hides_swap;
	bool knows_heaps;    /* `heaps` has all that there are */
	struct usage usage;  /* rows by mapping; no slots when no counters were asked for */
	struct saved *saved; /* of a snapshot, else NULL */
	struct notes notes;
};

/* The kernel's own sums over a process, in bytes; UNKNOWN where they were not read. */
struct kernel_sums {
	uint64_t size, resident;
	uint64_t lazily_freed; /* by madvise(MADV_FREE), and not yet taken */
};

void facts_init(struct facts *facts);
void facts_done(struct facts *facts);

/*
 * The index of the object of this device, inode and name (NULL: nameless), made when it is
 * new. The name is copied.
 */
uint32_t facts_object(struct facts *facts, uint32_t major, uint32_t minor, uint64_t inode, const char *name,
		      size_t name_len);

/* Room for one more mapping; the caller writes it, and sees to it that it lies above all others. */
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

/* Fills in what each object's mappings amount to. */
void facts_count_objects(struct facts *facts);

/* How many bytes from `start` to `end` the core file has; UNKNOWN where nothing was read from one. */
uint64_t facts_dumped(const struct facts *facts, uint64_t start, uint64_t end) _pure_;

/*
 * A new object for a part of another one's file, of that name and state. Mappings are the caller's to assign;
 * facts_count_objects() then counts them.
 */
struct object *facts_add_part(struct facts *facts, uint32_t whole, uint64_t offset, uint64_t size);

/* Forgets the mappings, for another reading; objects stay. */
void facts_drop_mappings(struct facts *facts);

/*
 * Whether an address is in the kernel's half, where a process has only the vsyscall page: that page is not the
 * process's own, and is in no page table of it. Of a range it is its end that is asked about.
 */
static inline bool is_above_user_space(uint64_t addr)
{
	return addr > INT64_MAX;
}

/* The index of what the kernel calls [stack], the main thread's; n_mappings when there is none. */
size_t facts_main_stack(const struct facts *facts) _pure_;

/*
 * All of it, with the parts that lost the name since their access or flags were changed: they touch it, and the
 * kernel keeps everything else away. False when there is none.
 */
bool facts_main_stack_range(const struct facts *facts, uint64_t *ret_start, uint64_t *ret_end);

/* Whether one of some blocks, sorted and disjoint, reaches into a mapping. */
bool stack_blocks_overlap(const struct stack_block *blocks, size_t n, const struct mapping *m) _pure_;

/* The index of the first mapping that ends above addr; n_mappings when there is none. */
size_t facts_find_mapping(const struct facts *facts, uint64_t addr) _pure_;

/* The index of a thread; n_threads for NO_TID and for what is no thread of the process. */
size_t facts_find_thread(const struct facts *facts, int32_t tid) _pure_;

/* All that is mapped. */
uint64_t facts_size(const struct facts *facts) _pure_;

/*
 * What the kernel counts as VmSize: all but the vsyscall page, which belongs to no process. Then the part of it that
 * has no access at all, and the rest; of an ELF file, these two add up to all that would be mapped.
 */
uint64_t facts_virtual(const struct facts *facts) _pure_;
uint64_t facts_reserved(const struct facts *facts) _pure_;
uint64_t facts_committed(const struct facts *facts) _pure_;

/* Whether a snapshot has no regions, and what follows from these elsewhere was saved by itself. */
static inline bool lacks_regions(const struct facts *facts)
{
	return facts->saved && !(facts->saved->parts & JSON_REGIONS);
}

/* Whether a snapshot has only a part of what was mapped, or nothing of it. */
static inline bool lacks_mappings(const struct facts *facts)
{
	return facts->saved && facts->saved->mappings != facts->n_mappings;
}

/* How many mappings there are, also where a snapshot has only some of them; and the number of one among these. */
uint64_t facts_count_mappings(const struct facts *facts) _pure_;
uint32_t facts_mapping_number(const struct facts *facts, uint32_t mapping) _pure_;

/*
 * What the process has of something that is limited; UNKNOWN of a file, which has nothing yet. A core that it
 * would leave is not among the facts.
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

/* The same, and not called anything. */
static inline bool is_nameless(const struct facts *facts, const struct mapping *m)
{
	return facts->objects[m->object]->type == OBJECT_NONE && !(m->perms & PERM_SHARED);
}

/*
 * Whether mapping `i` looks like a stack of its own: nameless memory to read and write, right above pages
 * without access. Inline: several readers ask it of every mapping, and most are ruled out by their access alone.
 */
static inline bool has_guard_below(const struct facts *facts, size_t i)
{
	const struct mapping *m = &facts->mappings[i];

	return i > 0 && (m->perms & (PERM_R | PERM_W)) == (PERM_R | PERM_W) && !has_access(m[-1].perms) &&
	       m[-1].end == m->start && is_nameless(facts, m) && is_nameless(facts, m - 1);
}
