/* SPDX-License-Identifier: MIT */
#include "model/facts.h"

#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/range.h"
#include "base/text.h"

const char *const origin_names[N_ORIGINS] = {
	[ORIGIN_PROCESS] = "process",
	[ORIGIN_ELF] = "elf",
	[ORIGIN_CORE] = "core",
};

const struct limit_name limit_names[N_LIMITS] = {
	[LIMIT_MAPPINGS] = { "mappings", "mappings (vm.max_map_count)" },
	[LIMIT_VIRTUAL] = { "virtual", "address space (ulimit -v)" },
	[LIMIT_STACK] = { "stack", "main stack (ulimit -s)" },
	[LIMIT_LOCKED] = { "locked", "locked memory (ulimit -l)" },
	[LIMIT_CORE] = { "core", "core that it would leave (ulimit -c)" },
};

void facts_init(struct facts *facts)
{
	*facts = (struct facts){
		.process = {
			.pid = -1,
			.ppid = -1,
			.uid = UNKNOWN,
			.started = UNKNOWN,
			.virtual = UNKNOWN,
			.resident = UNKNOWN,
			.swapped = UNKNOWN,
			.page_tables = UNKNOWN,
			.threads = UNKNOWN,
			.locked = UNKNOWN,
			.kernel_stacks = UNKNOWN,
			.start_brk = UNKNOWN,
			.dump_filter = UNKNOWN,
		},
	};
	for (size_t i = 0; i < N_LIMITS; i++)
		facts->process.limits[i].max = UNKNOWN;
	facts_object(facts, 0, 0, 0, NULL, 0);
}

static void keep_object(void *object _unused_)
{
}

static void free_sums(struct saved_sum *sums, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(sums[i].usage);
}

static void saved_free(struct saved *saved)
{
	if (!saved)
		return;
	free_sums(saved->totals, N_KINDS);
	free_sums(saved->named, saved->n_named);
	free_sums(saved->modules, saved->n_modules);
	free(saved->named);
	free(saved->modules);
	free(saved->numbers);
	free(saved->core_path);
	free(saved->signal_name);
	free(saved);
}

void facts_done(struct facts *facts)
{
	tdestroy(facts->object_index, keep_object);
	for (size_t i = 0; i < facts->n_objects; i++)
		object_free(facts->objects[i]);
	for (size_t i = 0; i < facts->n_threads; i++)
		free(facts->threads[i].comm);
	free(facts->threads);
	free(facts->blocks);
	free(facts->hidden_guards);
	free(facts->heaps);
	free(facts->inferred);
	free(facts->core.dumped);
	usage_done(&facts->usage);
	free(facts->elf.interpreter);
	free(facts->process.comm);
	free(facts->process.exe);
	free(facts->process.user);
	free(facts->mappings);
	free(facts->objects);
	saved_free(facts->saved);
	notes_done(&facts->notes);
	*facts = (struct facts){ 0 };
}

/* A path and " (deleted)", with four characters for each byte that the kernel escapes. */
#define NAME_LEN_MAX (4 * (PATH_MAX + sizeof(DELETED_SUFFIX)))

size_t facts_name_len(const char *name, size_t len)
{
	return text_cut(name, len, NAME_LEN_MAX);
}

static void note_cut_name(struct facts *facts)
{
	if (!facts->has_cut_names)
		notes_warn(&facts->notes, "names-cut", "names of more than %zu bytes are cut off",
			   NAME_LEN_MAX);
	facts->has_cut_names = true;
}

uint32_t facts_object(struct facts *facts, uint32_t major, uint32_t minor, uint64_t inode, const char *name,
		      size_t name_len)
{
	struct object key = {
		.major = major,
		.minor = minor,
		.inode = inode,
		.name = (char *)name,
		.name_len = facts_name_len(name, name_len),
	};
	struct object *fresh;
	void *found = tfind(&key, &facts->object_index, object_compare);

	if (found)
		return (*(struct object **)found)->index;
	if (key.name_len < name_len)
		note_cut_name(facts);
	fresh = object_new(&key);
	fresh->first = NO_MAPPING;
	fresh->index = (uint32_t)facts->n_objects;
	mem_grow(facts->objects, facts->n_objects, facts->cap_objects);
	facts->objects[facts->n_objects++] = fresh;
	if (!tsearch(fresh, &facts->object_index, object_compare))
		mem_exhausted();
	return fresh->index;
}

struct object *facts_add_part(struct facts *facts, uint32_t whole, uint64_t offset, uint64_t size)
{
	struct object *fresh = mem_alloc(sizeof(*fresh));

	*fresh = *facts->objects[whole];
	fresh->name = fresh->name ? mem_copy(fresh->name, fresh->name_len) : NULL;
	fresh->image = NULL;
	fresh->index = (uint32_t)facts->n_objects;
	fresh->part_offset = offset;
	fresh->part_size = size;
	mem_grow(facts->objects, facts->n_objects, facts->cap_objects);
	facts->objects[facts->n_objects++] = fresh;
	return fresh;
}

void facts_count_objects(struct facts *facts)
{
	for (size_t i = 0; i < facts->n_objects; i++) {
		facts->objects[i]->first = NO_MAPPING;
		facts->objects[i]->n_private = 0;
		facts->objects[i]->is_executable = false;
	}
	for (size_t i = facts->n_mappings; i-- > 0;) {
		const struct mapping *m = &facts->mappings[i];
		struct object *object = facts->objects[m->object];

		object->first = (uint32_t)i;
		if (m->perms & PERM_SHARED)
			continue;
		object->n_private++;
		object->is_executable |= (m->perms & PERM_X) != 0;
	}
}

uint64_t facts_dumped(const struct facts *facts, uint64_t start, uint64_t end)
{
	const struct core *core = &facts->core;
	uint64_t sum = 0;

	if (facts->origin != ORIGIN_CORE)
		return UNKNOWN;
	if (facts->saved && start == 0 && end == UINT64_MAX)
		return facts->saved->dumped;
	for (size_t i = range_find(core->dumped, core->n_dumped, sizeof(*core->dumped), start);
	     i < core->n_dumped && core->dumped[i].start < end; i++)
		sum += MIN(end, core->dumped[i].end) - MAX(start, core->dumped[i].start);
	return sum;
}

bool facts_next_dumped(const struct facts *facts, uint64_t start, uint64_t end, uint64_t *ret_start,
		       uint64_t *ret_end)
{
	const struct core *core = &facts->core;
	size_t i = range_find(core->dumped, core->n_dumped, sizeof(*core->dumped), start);

	if (start >= end || i == core->n_dumped || core->dumped[i].start >= end)
		return false;
	*ret_start = MAX(start, page_floor(core->dumped[i].start, facts->page_size));
	*ret_end = MIN(end, page_ceil(core->dumped[i].end, facts->page_size));
	return true;
}

void facts_drop_mappings(struct facts *facts)
{
	facts->n_mappings = 0;
	facts->usage.n_rows = 0;
}

bool stack_blocks_overlap(const struct stack_block *blocks, size_t n, const struct mapping *m)
{
	size_t i = range_find(blocks, n, sizeof(*blocks), m->start);

	return i < n && blocks[i].start < m->end;
}

size_t facts_find_mapping(const struct facts *facts, uint64_t addr)
{
	return range_find(facts->mappings, facts->n_mappings, sizeof(*facts->mappings), addr);
}

static int compare_tid(const void *tid, const void *thread)
{
	int32_t x = *(const int32_t *)tid;
	int32_t y = ((const struct thread *)thread)->tid;

	return (x > y) - (x < y);
}

size_t facts_find_thread(const struct facts *facts, int32_t tid)
{
	const struct thread *thread = NULL;

	if (facts->n_threads > 0)
		thread = bsearch(&tid, facts->threads, facts->n_threads, sizeof(*thread), compare_tid);
	return thread ? (size_t)(thread - facts->threads) : facts->n_threads;
}

size_t facts_main_stack(const struct facts *facts)
{
	/* From the top, because hardly anything is above the stack. */
	for (size_t i = facts->n_mappings; i-- > 0;)
		if (is_pseudo_path(mapping_object(facts, &facts->mappings[i]), "[stack]"))
			return i;
	return facts->n_mappings;
}

static bool are_parts(const struct facts *facts, size_t low, size_t nameless)
{
	return facts->mappings[low].end == facts->mappings[low + 1].start &&
	       is_nameless(facts, &facts->mappings[nameless]);
}

bool facts_main_stack_range(const struct facts *facts, uint64_t *ret_start, uint64_t *ret_end)
{
	size_t low = facts_main_stack(facts);
	size_t high = low;
	bool is_core = facts->origin == ORIGIN_CORE;

	if (low == facts->n_mappings)
		return false;
	/*
	 * Only the kernel keeps other mappings away from the stack, and a core may be from elsewhere: there,
	 * nothing above the named mapping belongs to it, and no inaccessible memory below.
	 */
	while (low > 0 && are_parts(facts, low - 1, low - 1) &&
	       !(is_core && lacks_access(facts->mappings[low - 1].perms)))
		low--;
	while (!is_core && high + 1 < facts->n_mappings && are_parts(facts, high, high + 1))
		high++;
	*ret_start = facts->mappings[low].start;
	*ret_end = facts->mappings[high].end;
	return true;
}

uint64_t facts_size(const struct facts *facts)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < facts->n_mappings; i++)
		sum += facts->mappings[i].end - facts->mappings[i].start;
	return sum;
}

uint64_t facts_virtual(const struct facts *facts)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < facts->n_mappings; i++)
		if (!is_above_user_space(facts->mappings[i].end))
			sum += facts->mappings[i].end - facts->mappings[i].start;
	return sum;
}

/*
 * The bytes with some access, or with none, except for the vsyscall page. In an ELF file, such high
 * addresses are its own: it may be a kernel.
 */
static uint64_t sum_own(const struct facts *facts, bool is_usable)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < facts->n_mappings; i++) {
		const struct mapping *m = &facts->mappings[i];
		bool is_own = facts->origin == ORIGIN_ELF || !is_above_user_space(m->end);

		if (is_own && lacks_access(m->perms) != is_usable)
			sum += m->end - m->start;
	}
	return sum;
}

uint64_t facts_reserved(const struct facts *facts)
{
	return facts->saved ? facts->saved->reserved : sum_own(facts, false);
}

uint64_t facts_committed(const struct facts *facts)
{
	return facts->saved ? facts->saved->committed : sum_own(facts, true);
}

uint64_t facts_count_mappings(const struct facts *facts)
{
	return facts->saved ? facts->saved->mappings : facts->n_mappings;
}

uint32_t facts_mapping_number(const struct facts *facts, uint32_t mapping)
{
	return facts->saved ? facts->saved->numbers[mapping] : mapping;
}

/* The mappings that the kernel counts: all but the vsyscall page. */
static uint64_t count_own(const struct facts *facts)
{
	size_t n = facts->n_mappings;

	while (n > 0 && is_above_user_space(facts->mappings[n - 1].end))
		n--;
	return n;
}

/* The size of the stack that the limit is for; VmStk has everything that grows downwards. */
static uint64_t stack_size(const struct facts *facts)
{
	uint64_t start, end;

	return facts_main_stack_range(facts, &start, &end) ? end - start : UNKNOWN;
}

uint64_t facts_used(const struct facts *facts, enum limit_id limit)
{
	if (facts->saved)
		return facts->saved->used[limit];
	switch (limit) {
	case LIMIT_MAPPINGS:
		return facts->origin == ORIGIN_PROCESS ? count_own(facts) : UNKNOWN;
	case LIMIT_VIRTUAL:
		return facts->origin == ORIGIN_PROCESS ? facts->process.virtual : UNKNOWN;
	case LIMIT_STACK:
		return stack_size(facts);
	case LIMIT_LOCKED:
		return facts->process.locked;
	case LIMIT_CORE:
	case N_LIMITS:
		break;
	}
	return UNKNOWN;
}
