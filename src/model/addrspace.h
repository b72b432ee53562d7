/* SPDX-License-Identifier: MIT */
/*
 * The model: one address space, as it was read and as it was understood.
 *
 * Facts and judgements stand apart. Readers fill the facts: process, threads, mappings, objects
 * with their ELF images, stack blocks, arena heaps, figures, notes. find_modules(),
 * find_extents() and classify() derive the judgements from the facts alone: modules, extents of
 * anonymous memory, and, from all of it, regions.
 *
 * Addresses and sizes are in bytes and 64 bits wide whatever the host; ranges are half-open,
 * [start, end). The address space owns all it points to; everything downstream borrows.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/util.h"
#include "model/counters.h"
#include "model/frames.h"
#include "model/kind.h"

enum {
	PERM_X = 1,
	PERM_W = 2,
	PERM_R = 4,
	PERM_SHARED = 8, /* the 's' of /proc/PID/maps: VM_MAYSHARE */
};

/* "rw-p" and so on, by these bits, as in /proc/PID/maps. */
extern const char perms_texts[16][5];

static inline const char *perms_text(unsigned perms)
{
	return perms_texts[perms & 0xf];
}

#define NO_TID (-1)

/* What an address space was read from. */
enum source {
	SOURCE_PROCESS, /* a process, live or recorded */
	SOURCE_ELF,	/* an ELF file, as it would be loaded */
	N_SOURCES,
};

extern const char *const source_names[N_SOURCES];

/* ---- facts: what an ELF file says of itself; addresses as linked, before the bias ---- */

struct segment { /* one PT_LOAD */
	uint64_t vaddr, offset;
	uint64_t filesz, memsz; /* filesz <= memsz, and vaddr + memsz does not wrap */
	unsigned perms;
};

struct section { /* one SHF_ALLOC section */
	uint64_t start, end;
	unsigned perms;
	bool decides; /* what its bytes are, which the segment leaves open */
	char *name;   /* any bytes; NULL: not asked for */
};

#define BUILD_ID_MAX 64

struct image {
	struct segment *segments; /* sorted by vaddr, disjoint, at least one */
	size_t n_segments;
	struct section *sections; /* sorted, disjoint; those that decide, or, if asked for, all */
	size_t n_sections;
	uint64_t relro_start, relro_end; /* PT_GNU_RELRO; equal when there is none */
	bool has_question;		 /* a segment may be more than one kind: sections decide */
	uint64_t base;			 /* of the first segment, rounded down to its alignment */
	size_t build_id_len;
	unsigned char build_id[BUILD_ID_MAX];
};

void image_free(struct image *image);

enum elf_type {
	ELF_EXECUTABLE, /* at fixed addresses */
	ELF_PIE,
	ELF_SHARED,
	N_ELF_TYPES,
};

extern const char *const elf_type_names[N_ELF_TYPES];

struct elf_header { /* of the file as a whole */
	enum elf_type type;
	size_t word_size; /* 4 or 8 */
	bool is_big_endian;
	bool is_debug_file; /* separate debug information: what is loaded is in another file */
	unsigned machine;   /* e_machine, as in machine.h */
	char *interpreter;  /* path of its loader, any bytes; NULL: it has none */
	size_t interpreter_len;
};

/* ---- facts: what is mapped ---- */

enum object_type {
	OBJECT_NONE,   /* no file and no name: anonymous memory */
	OBJECT_LABEL,  /* "[heap]" and its like: the kernel's word, no file behind it */
	OBJECT_KERNEL, /* a file that only the kernel makes: memfd, SysV, "anon_inode:…", "socket:…" */
	OBJECT_SHM,    /* a file on the file system that is mounted on /dev/shm */
	OBJECT_DEVICE, /* a character or block device */
	OBJECT_ZERO,   /* /dev/zero: mapped privately, anonymous memory */
	OBJECT_FILE,   /* any other file */
};

/* Where an object's ELF headers were looked for, and what was found. */
enum headers {
	HEADERS_NONE, /* not looked for: nothing asks for them */
	HEADERS_FILE,
	HEADERS_MEMORY, /* the file is not to be had; its first page in memory is, without sections */
	HEADERS_NOT_ELF,
	HEADERS_UNREADABLE,
};

enum file_state {
	FILE_NONE, /* no file, or its state is not known */
	FILE_OK,
	FILE_DELETED,
	FILE_REPLACED, /* its path now leads to another file */
	FILE_MEMFD,
	FILE_UNREADABLE,
	N_FILE_STATES,
};

extern const char *const file_state_names[N_FILE_STATES]; /* NULL for FILE_NONE */

#define NO_MAPPING UINT32_MAX

/* One mapped thing: a file, known by device, inode and path; or a label; or nothing at all. */
struct object {
	uint32_t major, minor;
	uint64_t inode;
	char *name; /* as the kernel gives it, any bytes; NULL when nameless */
	size_t name_len;
	bool is_plain; /* text_is_plain() holds for the name */
	enum object_type type;
	enum file_state state;
	enum headers headers;
	struct image *image; /* NULL unless headers is HEADERS_FILE or HEADERS_MEMORY */
	size_t n_private;    /* private mappings of it, */
	bool is_executable;  /* and whether one of them is executable */
	uint32_t index;	     /* of itself in addrspace.objects */
	uint32_t first;	     /* its first mapping, or NO_MAPPING after a map was read anew */
};

struct mapping { /* one line of /proc/PID/maps */
	uint64_t start, end;
	uint64_t offset;
	uint32_t object;
	uint8_t perms;
};

struct thread {
	int32_t tid;
	char state; /* 'R', 'S', …; 0: not known */
	char *comm; /* any bytes; NULL: not known */
	size_t comm_len;
	uint64_t control; /* an address inside its control block; UNKNOWN: not to be had */
	uint64_t sp;	  /* stack pointer; UNKNOWN while it runs, or where it may not be read */
	uint64_t lowest;  /* lowest page of its stack that was ever touched; UNKNOWN: not looked at */
};

/* What the memory of a thread's control block says of its stack. */
struct stack_block {
	uint64_t start, end; /* the guard included */
	uint64_t guard;	     /* its size, at the low end */
	int32_t tid;	     /* or NO_TID: the thread has exited, and the library keeps its stack */
};

/* A heap of one of glibc's arenas, as its own header in memory says. */
struct arena_heap {
	uint64_t start, end; /* the part that may be written to; the rest of its room follows */
	uint64_t arena;	     /* the address of the arena's state, the same for all its heaps */
	int32_t tid;	     /* the only thread that uses the arena, or NO_TID */
	size_t n_users;	     /* threads that use the arena */
};

/* What a process may come up against. */
enum limit_id {
	LIMIT_MAPPINGS, /* vm.max_map_count */
	LIMIT_VIRTUAL,	/* RLIMIT_AS */
	LIMIT_STACK,	/* RLIMIT_STACK: of the main thread's stack */
	LIMIT_LOCKED,	/* RLIMIT_MEMLOCK */
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

/* What the kernel says of the process as a whole. Figures in bytes; UNKNOWN where it does not say. */
struct process {
	int pid, ppid;	  /* -1: not known */
	char *comm, *exe; /* any bytes; NULL: not known */
	size_t comm_len, exe_len;
	char *user; /* name, or number when it has none; NULL: not known */
	uint64_t virtual, resident, swapped, page_tables, threads;
	uint64_t locked;
	uint64_t kernel_stacks; /* of all threads */
	struct limit limits[N_LIMITS];
	uint64_t start_brk;
};

struct note { /* for the reader of the result */
	const char *code;
	char *text;
	bool is_lack; /* something that was asked for could not be had */
};

/* ---- judgements ---- */

struct module { /* one ELF image in its place */
	uint32_t object;
	uint64_t bias;			/* added to the file's addresses, modulo 2^64 */
	uint64_t start, end;		/* from its first page to its last, holes included */
	uint64_t sizes[N_MODULE_KINDS]; /* of its regions by kind, without padding */
	uint64_t padding;
};

/*
 * A range of anonymous memory whose use is known: a thread's stack, its guard, an arena's heap.
 * It may be a part of a mapping.
 */
struct extent {
	uint64_t start, end;
	enum kind kind;
	enum basis basis;
	int32_t tid;
};

#define NO_MODULE (-1)

struct region { /* a range inside one mapping that has one meaning */
	uint64_t start, end;
	uint64_t padding; /* bytes of it that lie outside the segment: mapped only since pages are */
	uint32_t mapping;
	uint32_t usage;	  /* its row in addrspace.usage: the mapping's, or one of its own */
	int32_t module;	  /* or NO_MODULE */
	int32_t tid;	  /* whose stack it is, or NO_TID */
	uint32_t section; /* the one section that it lies in: 1 + an index; 0: none, several, not read */
	uint8_t kind;	  /* enum kind */
	uint8_t basis;	  /* enum basis */
};

/* ---- facts that are read after the judgement, of the regions that somebody looks at ---- */

enum page_state {
	PAGES_UNTOUCHED, /* no memory behind them yet, or not any more */
	PAGES_RESIDENT,
	PAGES_ZERO, /* read but never written: the one page of zeroes that all share */
	PAGES_SWAPPED,
	PAGES_GUARD, /* MADV_GUARD_INSTALL: inaccessible without a mapping of their own */
	N_PAGE_STATES,
};

extern const char *const page_state_names[N_PAGE_STATES];

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };

struct page_run { /* pages of one region, one after the other, that are alike */
	uint64_t start, end;
	uint32_t region;
	uint8_t state;	   /* enum page_state; for all but resident pages the rest is unknown */
	uint8_t is_huge;   /* enum answer: part of a huge page */
	uint8_t is_shared; /* mapped by other processes too */
	uint8_t is_dirty;
};

#define NO_REGION UINT32_MAX

struct place {		   /* an address that was asked about */
	const char *query; /* in whatever words; borrowed */
	uint64_t addr;	   /* UNKNOWN: there is no such symbol */
	uint32_t region;   /* or NO_REGION */
	bool has_page;
	struct page_run page;		     /* that holds it, where its state is known */
	char *symbol;			     /* that covers it, any bytes; NULL: none is known */
	uint64_t symbol_offset, symbol_size; /* size UNKNOWN: the file does not say */
};

struct addrspace {
	enum source source;
	struct elf_header elf;	/* of SOURCE_ELF */
	struct process process; /* of SOURCE_ELF: exe, the file, and virtual; the rest unknown */
	uint64_t page_size;
	size_t word_size; /* 4 or 8; 0: not known */
	int64_t taken_at; /* seconds since 1970 */

	struct mapping *mappings; /* sorted by address, disjoint */
	size_t n_mappings, cap_mappings;
	struct object **objects; /* objects[0] is the nameless one */
	size_t n_objects, cap_objects;
	void *object_index; /* tsearch() tree over objects */
	struct note *notes;
	size_t n_notes, cap_notes;
	struct thread *threads; /* sorted by tid */
	size_t n_threads, cap_threads;
	struct stack_block *blocks; /* sorted by start, disjoint */
	size_t n_blocks, cap_blocks;
	struct arena_heap *heaps; /* sorted */
	size_t n_heaps, cap_heaps;
	bool can_read_memory; /* so that what is not among the heaps is none */
	bool is_cut;	      /* regions are to end where sections do */
	struct usage usage;   /* rows by mapping; no slots when no figures were asked for */

	struct module *modules; /* sorted by start */
	size_t n_modules, cap_modules;
	struct extent *extents; /* sorted, disjoint */
	size_t n_extents, cap_extents;
	struct region *regions; /* sorted, disjoint, covering every mapping exactly */
	size_t n_regions, cap_regions;
	bool lacks_pages;	    /* they were asked for, and could not be had */
	struct page_run *page_runs; /* sorted */
	size_t n_page_runs, cap_page_runs;
	struct place *places; /* in the order of the questions */
	size_t n_places, cap_places;
	bool lacks_frames;     /* they were asked for, and could not be had */
	struct frames *frames; /* of one thread; NULL: not asked for, or not to be had */
};

void addrspace_init(struct addrspace *as);
void addrspace_done(struct addrspace *as);

/*
 * The index of the object of this device, inode and name (NULL: nameless), made when it is
 * new. The name is copied.
 */
uint32_t addrspace_object(struct addrspace *as, uint32_t major, uint32_t minor, uint64_t inode,
			  const char *name, size_t name_len);

/* Appends a mapping; the caller sees to it that it lies above all others. */
static inline void addrspace_add_mapping(struct addrspace *as, const struct mapping *mapping)
{
	mem_grow_from(as->mappings, as->n_mappings, as->cap_mappings, 1024);
	as->mappings[as->n_mappings++] = *mapping;
}

/* Forgets the mappings, for another reading; objects stay. */
void addrspace_drop_mappings(struct addrspace *as);

/* Whether an object is what the kernel calls `name`, as "[vdso]". */
bool is_label(const struct object *object, const char *name) _pure_;

/* The index of what the kernel calls [stack], the main thread's; n_mappings when there is none. */
size_t addrspace_main_stack(const struct addrspace *as) _pure_;

/*
 * Whether mapping `i` looks like a stack of its own: nameless memory to read and write, right
 * above pages without access.
 */
bool has_guard_below(const struct addrspace *as, size_t i) _pure_;

/* Whether one of some blocks, sorted and disjoint, reaches into a mapping. */
bool stack_blocks_overlap(const struct stack_block *blocks, size_t n, const struct mapping *m) _pure_;

/* The room that glibc reserves for a heap of an arena, which begins at a multiple of it. */
static inline uint64_t arena_room(const struct addrspace *as)
{
	return as->word_size == 4 ? UINT64_C(1) << 20 : UINT64_C(1) << 26;
}

/* The index of the first mapping that ends above addr; n_mappings when there is none. */
size_t addrspace_find(const struct addrspace *as, uint64_t addr) _pure_;

/* The index of the region that holds an address, or NO_REGION; regions are known. */
uint32_t addrspace_region(const struct addrspace *as, uint64_t addr) _pure_;

/* Likewise of the first region that ends above an address; n_regions when there is none. */
size_t addrspace_next_region(const struct addrspace *as, uint64_t addr) _pure_;

/* All that is mapped, and the part of it that can be neither read nor written nor executed. */
uint64_t addrspace_size(const struct addrspace *as) _pure_;
uint64_t addrspace_reserved(const struct addrspace *as) _pure_;

/* What the process has of something that is limited; UNKNOWN of a file, which has nothing yet. */
uint64_t addrspace_use(const struct addrspace *as, enum limit_id limit) _pure_;

/*
 * Notes what could not be had; or, as a remark, what is good to know. `code` is a constant for
 * scripts, the rest one line for people.
 */
void addrspace_note(struct addrspace *as, const char *code, const char *fmt, ...) _printf_(3, 4);
void addrspace_remark(struct addrspace *as, const char *code, const char *fmt, ...) _printf_(3, 4);

static inline const struct object *mapping_object(const struct addrspace *as, const struct mapping *m)
{
	return as->objects[m->object];
}

/* Whether it has a device and inode, be it of the kernel's own making. */
static inline bool has_file(const struct object *object)
{
	return object->inode != 0 || object->major != 0 || object->minor != 0;
}

/* Private memory without a file, whatever it is called. */
static inline bool is_anonymous(const struct addrspace *as, const struct mapping *m)
{
	enum object_type type = as->objects[m->object]->type;

	return !(m->perms & PERM_SHARED) &&
	       (type == OBJECT_NONE || type == OBJECT_LABEL || type == OBJECT_KERNEL || type == OBJECT_ZERO);
}

/* The same, and not called anything. */
static inline bool is_nameless(const struct addrspace *as, const struct mapping *m)
{
	return as->objects[m->object]->type == OBJECT_NONE && !(m->perms & PERM_SHARED);
}

/* The file of the module that a region belongs to, or NULL. */
static inline const struct object *region_module_object(const struct addrspace *as,
							const struct region *region)
{
	return region->module == NO_MODULE ? NULL : as->objects[as->modules[region->module].object];
}

/* The section that a region lies in, or NULL. */
static inline const struct section *region_section(const struct addrspace *as, const struct region *region)
{
	if (region->section == 0)
		return NULL;
	return &region_module_object(as, region)->image->sections[region->section - 1];
}

/*
 * The object that people call a region by: its mapping's, or, where that has no name, the file
 * of the module that it belongs to. NULL when it has neither.
 */
static inline const struct object *region_name(const struct addrspace *as, const struct region *region)
{
	const struct object *object = mapping_object(as, &as->mappings[region->mapping]);

	return object->name ? object : region_module_object(as, region);
}
