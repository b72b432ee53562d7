/* SPDX-License-Identifier: MIT */
#include "core/core_map.h"

#include <elf.h>
#include <string.h>

#include "base/mem.h"
#include "base/range.h"

#define ALL_PERMS (PERM_R | PERM_W | PERM_X | PERM_SHARED)
#define VSYSCALL UINT64_C(0xffffffffff600000)

static uint64_t auxv(const struct core_file *core, size_t type)
{
	return core->notes.has_auxv ? core->notes.auxv.values[type] : UNKNOWN;
}

/* ---- PT_LOADs and files together ---- */

static uint32_t file_object(struct facts *facts, const struct core_file_range *file)
{
	return facts_object(facts, 0, 0, 0, file->name, strlen(file->name));
}

/*
 * gdb dumps everything as readable memory. Memory that is neither writable nor executable may
 * really have no access at all, like the guard below a stack.
 */
static unsigned load_perms(const struct core_file *core, const struct core_load *load, bool has_file)
{
	if (core->notes.is_by_gdb && load->perms == PERM_R && !has_file)
		return PERM_OPEN(PERM_R);
	return load->perms;
}

static void add(struct facts *facts, uint64_t start, uint64_t end, unsigned perms,
		const struct core_file_range *file)
{
	struct mapping mapping = { .start = start, .end = end, .perms = (uint8_t)perms };

	if (start >= end)
		return;
	if (file) {
		mapping.object = file_object(facts, file);
		mapping.offset = file->offset + (start - file->start);
		mapping.perms |= PERM_OPEN(PERM_SHARED);
	}
	facts_add_mapping(facts, &mapping);
}

/* Adds one PT_LOAD, split where files begin and end. */
static void add_load(const struct core_file *core, struct facts *facts, const struct core_load *load,
		     const struct core_file_range *files, size_t n)
{
	uint64_t at = load->start;

	for (size_t i = range_find(files, n, sizeof(*files), at); i < n && files[i].start < load->end; i++) {
		uint64_t end = MIN(load->end, files[i].end);

		add(facts, at, files[i].start, load_perms(core, load, false), NULL);
		at = MAX(at, files[i].start);
		add(facts, at, end, load_perms(core, load, true), &files[i]);
		at = end;
	}
	add(facts, at, load->end, load_perms(core, load, false), NULL);
}

/* Adds the parts of a file between the PT_LOADs. */
static void add_unloaded(const struct core_file *core, struct facts *facts,
			 const struct core_file_range *file)
{
	uint64_t at = file->start;

	for (size_t i = range_find(core->loads, core->n_loads, sizeof(*core->loads), at);
	     i < core->n_loads && core->loads[i].start < file->end; i++) {
		add(facts, at, core->loads[i].start, PERM_OPEN(ALL_PERMS), file);
		at = core->loads[i].end;
	}
	add(facts, at, file->end, PERM_OPEN(ALL_PERMS), file);
}

/* ---- whole pages ---- */

/*
 * A process maps whole pages. If a tool leaves out a part of a page, or a list of files lies, that
 * makes no separate mapping: the first one gets the page.
 */
static void align_mappings(struct facts *facts)
{
	uint64_t page = facts->page_size;
	uint64_t top = page_floor(UINT64_MAX, page);
	uint64_t end = 0;
	size_t n = 0;

	for (size_t i = 0; i < facts->n_mappings; i++) {
		struct mapping m = facts->mappings[i];
		uint64_t start = MAX(page_floor(m.start, page), end);

		m.end = m.end > top ? top : page_ceil(m.end, page);
		if (start >= m.end)
			continue;
		/*
		 * In a core file a mapping may begin anywhere, even farther from its page boundary
		 * than from the beginning of the file.
		 */
		m.offset = page_floor(start >= m.start ? m.offset + (start - m.start) :
							 m.offset - MIN(m.offset, m.start - start),
				      page);
		m.start = start;
		end = m.end;
		facts->mappings[n++] = m;
	}
	facts->n_mappings = n;
}

/* ---- names ---- */

/* Gives the nameless mapping at an address a name. */
static void name_mapping(struct facts *facts, uint64_t addr, const char *name)
{
	size_t i = addr == UNKNOWN ? facts->n_mappings : facts_find_mapping(facts, addr);

	if (i < facts->n_mappings && facts->mappings[i].start <= addr &&
	    is_nameless(facts, &facts->mappings[i]))
		facts->mappings[i].object = facts_object(facts, 0, 0, 0, name, strlen(name));
}

static void name_mappings(const struct core_file *core, struct facts *facts)
{
	/* The kernel puts random bytes and the program's path at the top of the main stack. */
	name_mapping(facts, auxv(core, AT_RANDOM), "[stack]");
	name_mapping(facts, auxv(core, AT_EXECFN), "[stack]");
	name_mapping(facts, auxv(core, AT_SYSINFO_EHDR), "[vdso]");
	if (core->machine == EM_X86_64)
		name_mapping(facts, VSYSCALL, "[vsyscall]");
}

/* ---- what the name of a file shows ---- */

static bool begins(const struct object *object, const char *prefix)
{
	return strncmp(object->name, prefix, strlen(prefix)) == 0;
}

static void set_type(struct object *object)
{
	if (object->type != OBJECT_FILE)
		return;
	if (is_kernel_name(object))
		object->type = OBJECT_KERNEL;
	else if (begins(object, "/dev/shm/"))
		object->type = OBJECT_SHM;
	else if (strcmp(object->name, "/dev/zero") == 0)
		object->type = OBJECT_ZERO;
	else if (begins(object, "/dev/"))
		object->type = OBJECT_DEVICE;
}

/* Files can be mapped shared or private, but these two are always shared: nothing is open. */
static bool is_always_shared(const struct object *object)
{
	return object->type == OBJECT_KERNEL && (begins(object, "/dev/zero") || begins(object, "/SYSV"));
}

static void set_types(struct facts *facts)
{
	for (size_t i = 0; i < facts->n_objects; i++)
		set_type(facts->objects[i]);
	for (size_t i = 0; i < facts->n_mappings; i++) {
		struct mapping *m = &facts->mappings[i];

		if (is_always_shared(mapping_object(facts, m)))
			m->perms = (uint8_t)((m->perms & ~PERM_OPEN(PERM_SHARED)) | PERM_SHARED);
	}
}

void core_read_map(const struct core_file *core, struct facts *facts)
{
	struct core_file_range *files = core->notes.files;
	size_t n = core->notes.n_files;

	range_sort(files, n, sizeof(*files));
	n = range_cut(files, n, sizeof(*files), RANGE_FIRST_WINS);
	for (size_t i = 0; i < core->n_loads; i++)
		add_load(core, facts, &core->loads[i], files, n);
	for (size_t i = 0; i < n; i++)
		add_unloaded(core, facts, &files[i]);
	range_sort(facts->mappings, facts->n_mappings, sizeof(*facts->mappings));
	align_mappings(facts);
	name_mappings(core, facts);
	set_types(facts);
	facts_count_objects(facts);
}

/* ---- what images show ---- */

/* The segment that has the first page of a mapping of the file, or NULL. */
static const struct segment *segment_of(const struct facts *facts, const struct mapping *m)
{
	const struct image *image = mapping_object(facts, m)->image;

	for (size_t i = 0; i < image->n_segments; i++) {
		const struct segment *segment = &image->segments[i];
		uint64_t start = page_floor(segment->offset, facts->page_size);

		if (m->offset >= start && m->offset - start < segment->filesz + (segment->offset - start))
			return segment;
	}
	return NULL;
}

/*
 * Segments to look at, in all mappings: those of 65,530 mappings, the kernel's limit, of files with
 * 1,170 segments, the most that it runs, are fewer.
 */
#define LOOKS_MAX (UINT64_C(1) << 27)

/*
 * Loaders map modules privately, and with the access that segments ask for. Whether all that is
 * known about the mapping could be looked up.
 */
static bool settle_perms(const struct facts *facts, struct mapping *m, uint64_t *looks)
{
	const struct image *image = mapping_object(facts, m)->image;
	const struct segment *segment;

	if (!image)
		return true;
	m->perms &= (uint8_t)~PERM_OPEN(PERM_SHARED);
	if (!open_perms(m->perms))
		return true;
	if (image->n_segments > *looks)
		return false;
	*looks -= image->n_segments;
	segment = segment_of(facts, m);
	if (segment)
		m->perms = (uint8_t)segment->perms;
	return true;
}

static void settle_all_perms(struct facts *facts)
{
	uint64_t looks = LOOKS_MAX;
	size_t n_left = 0;

	for (size_t i = 0; i < facts->n_mappings; i++)
		n_left += !settle_perms(facts, &facts->mappings[i], &looks);
	if (n_left > 0)
		notes_warn(&facts->notes, "core-access",
			   "access rights of %zu mapping%s are missing: their files have too many segments",
			   n_left, n_left == 1 ? "" : "s");
}

const struct object *core_program(const struct core_file *core, const struct facts *facts)
{
	uint64_t addr = auxv(core, AT_PHDR) == UNKNOWN ? auxv(core, AT_ENTRY) : auxv(core, AT_PHDR);
	size_t i = addr == UNKNOWN ? facts->n_mappings : facts_find_mapping(facts, addr);

	if (i == facts->n_mappings || facts->mappings[i].start > addr ||
	    !mapping_object(facts, &facts->mappings[i])->name)
		return NULL;
	return mapping_object(facts, &facts->mappings[i]);
}

/* ---- what is known by its place ---- */

/*
 * The most that the kernel leaves between a program and its heap: mm/util.c and the machines' own
 * files; and the same for 32 bits, where everything else is near as well.
 */
#define BRK_DISTANCE_MAX (UINT64_C(2) << 30)
#define BRK_DISTANCE_MAX_32 (UINT64_C(64) << 20)

static void infer(struct facts *facts, uint64_t start, uint64_t end, enum kind kind)
{
	mem_grow(facts->inferred, facts->n_inferred, facts->cap_inferred);
	facts->inferred[facts->n_inferred++] = (struct inferred_use){ start, end, kind };
}

/* Where the program ends in memory; UNKNOWN if its headers are. */
static uint64_t program_end(const struct core_file *core, const struct facts *facts)
{
	const struct object *program = core_program(core, facts);
	const struct segment *first, *last;
	uint64_t start;

	if (!program || !program->image || facts->mappings[program->first].offset != 0)
		return UNKNOWN;
	first = &program->image->segments[0];
	last = &program->image->segments[program->image->n_segments - 1];
	start = facts->mappings[program->first].start - page_floor(first->vaddr, facts->page_size);
	return page_ceil(start + last->vaddr + last->memsz, facts->page_size);
}

static bool is_writable(const struct facts *facts, size_t i)
{
	const struct mapping *m = &facts->mappings[i];

	return i < facts->n_mappings && is_nameless(facts, m) &&
	       (m->perms & (PERM_R | PERM_W | PERM_X)) == (PERM_R | PERM_W);
}

/* musl begins its heap with a page without access. */
static bool is_guard(const struct facts *facts, size_t i)
{
	return i + 1 < facts->n_mappings && is_nameless(facts, &facts->mappings[i]) &&
	       !has_access(facts->mappings[i].perms) && is_writable(facts, i + 1) &&
	       facts->mappings[i].end == facts->mappings[i + 1].start;
}

static bool may_be_heap(const struct facts *facts, size_t i)
{
	return is_writable(facts, i) || is_guard(facts, i);
}

#define GAP_MIN (UINT64_C(1) << 40)

/*
 * Without a loader, the kernel puts a position-independent program where libraries are, and begins
 * the heap where programs would be, far below everything else.
 */
static bool has_lone_heap(const struct core_file *core, const struct facts *facts)
{
	size_t next = 1 + is_guard(facts, 0);

	return auxv(core, AT_BASE) == 0 && may_be_heap(facts, 0) && next < facts->n_mappings &&
	       facts->mappings[next].start - facts->mappings[next - 1].end >= GAP_MIN;
}

/* The heap is the first nameless, writable memory above the program. */
static void infer_heap(const struct core_file *core, struct facts *facts)
{
	uint64_t end = program_end(core, facts);
	size_t i = end == UNKNOWN ? facts->n_mappings : facts_find_mapping(facts, end);
	uint64_t start, max = core->word_size == 4 ? BRK_DISTANCE_MAX_32 : BRK_DISTANCE_MAX;

	if (has_lone_heap(core, facts)) {
		i = 0;
		end = facts->mappings[0].start;
	}
	if (!may_be_heap(facts, i) ||
	    (facts->mappings[i].start > end && facts->mappings[i].start - end > max))
		return;
	start = MAX(facts->mappings[i].start, end);
	facts->process.start_brk = start;
	if (is_guard(facts, i)) {
		infer(facts, start, facts->mappings[i].end, KIND_GUARD);
		start = facts->mappings[++i].start;
	}
	infer(facts, start, facts->mappings[i].end, KIND_HEAP);
}

/* Right below the vdso is the kernel's memory that it reads, [vvar]. */
static void infer_vvar(const struct core_file *core, struct facts *facts)
{
	uint64_t addr = auxv(core, AT_SYSINFO_EHDR);
	size_t i = addr == UNKNOWN ? 0 : facts_find_mapping(facts, addr);
	size_t first;

	if (i == facts->n_mappings || !is_vdso(mapping_object(facts, &facts->mappings[i])))
		return;
	for (first = i; first > 0; first--) {
		const struct mapping *m = &facts->mappings[first - 1];

		if (m->end != m[1].start || !is_nameless(facts, m) || m->perms != PERM_R)
			break;
	}
	if (first < i)
		infer(facts, facts->mappings[first].start, facts->mappings[i].start, KIND_VDSO);
}

void core_settle_map(const struct core_file *core, struct facts *facts)
{
	settle_all_perms(facts);
	facts_count_objects(facts);
	infer_heap(core, facts);
	infer_vvar(core, facts);
}
