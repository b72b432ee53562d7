/* SPDX-License-Identifier: MIT */
/* Memory that is executable and should not be, by what is mapped now. */
#include <inttypes.h>
#include <stdlib.h>

#include "analysis/modules.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/text.h"
#include "check/checker.h"
#include "check/code_generators.h"

/* ---- generated code ---- */

static bool is_from_memfd(const struct checker *checker, const struct region *region)
{
	const struct object *object = checker->space->facts.objects[region_object(checker, region)];

	return may_be_run(checker, region) && object->state == FILE_MEMFD;
}

struct generated_list {
	struct generated *items;
	size_t n, cap;
	/* Writable shared mappings of files that are executable elsewhere: mostly none. */
	const struct mapping **writable;
	size_t n_writable, cap_writable;
};

/*
 * Whether a mapping has a part of the same file as an executable one, which then gets what is
 * written here.
 */
static bool is_other_side(const struct mapping *code, const struct mapping *m)
{
	return m->object == code->object && m->offset < code->offset + (code->end - code->start) &&
	       code->offset < m->offset + (m->end - m->start);
}

/*
 * Where else the file of an executable region is mapped to be written to; NULL: nowhere, or the
 * region is writable itself.
 */
static const struct mapping *find_other_side(const struct checker *checker, const struct generated_list *list,
					     const struct region *region)
{
	bool is_searched = may_be_run(checker, region) && !is_writable_code(checker, region);

	for (size_t i = 0; is_searched && i < list->n_writable; i++)
		if (is_other_side(region_mapping(checker, region), list->writable[i]))
			return list->writable[i];
	return NULL;
}

static void list_writable(const struct checker *checker, struct generated_list *list)
{
	const struct facts *facts = &checker->space->facts;
	_cleanup_free_ bool *is_run = mem_alloc(facts->n_objects * sizeof(*is_run));

	for (size_t i = 0; i < facts->n_mappings; i++)
		is_run[facts->mappings[i].object] |= facts->mappings[i].perms & PERM_X;
	for (size_t i = 0; i < facts->n_mappings; i++) {
		const struct mapping *m = &facts->mappings[i];

		if (!(m->perms & PERM_W) || !(m->perms & PERM_SHARED) || !is_run[m->object])
			continue;
		mem_grow(list->writable, list->n_writable, list->cap_writable);
		list->writable[list->n_writable++] = m;
	}
}

/*
 * Whether a region may hold generated code. Stacks and the heap have checks of their own; so have
 * modules, which no generator makes. `other`: where else it is written to, or NULL.
 */
static bool may_be_generated(const struct checker *checker, const struct region *region,
			     const struct mapping *other)
{
	if (region->module != NO_MODULE || region->kind == KIND_STACK || region->kind == KIND_HEAP)
		return false;
	return other || is_writable_code(checker, region) || is_from_memfd(checker, region);
}

/* Adjacent anonymous memory is one place, however many mappings it has. */
static bool continues_range(const struct checker *checker, const struct generated *range,
			    const struct region *region)
{
	const struct region *first = &checker->space->judgement.regions[range->region];
	uint32_t object = region_object(checker, region);

	return range->end == region->start && region_object(checker, first) == object &&
	       !has_file(checker->space->facts.objects[object]) && is_writable_code(checker, region);
}

static void find_generated(const struct checker *checker, struct generated_list *list)
{
	const struct judgement *judgement = &checker->space->judgement;

	for (size_t i = 0; i < judgement->n_regions; i++) {
		const struct region *region = &judgement->regions[i];
		const struct mapping *other = find_other_side(checker, list, region);

		if (!may_be_generated(checker, region, other))
			continue;
		if (list->n > 0 && continues_range(checker, &list->items[list->n - 1], region)) {
			list->items[list->n - 1].end = region->end;
			continue;
		}
		mem_grow(list->items, list->n, list->cap);
		list->items[list->n++] = (struct generated){
			.start = region->start,
			.end = region->end,
			.region = (uint32_t)i,
			.writable = other,
		};
	}
}

static const char *access_of(const struct checker *checker, const struct generated *range)
{
	if (is_writable_code(checker, &checker->space->judgement.regions[range->region]))
		return "writable and executable";
	return range->writable ? "executable here and writable where its file is mapped a second time" :
				 "executable and from a memfd";
}

/* Reports everything that one module has generated in one finding: it may be hundreds of ranges. */
static void report_generator(struct checker *checker, const struct generated_list *list,
			     const struct generated *first)
{
	uint32_t object = checker->space->judgement.modules[first->generator].object;
	_cleanup_free_ char *generator = name_of_object(checker, object);
	char size[OUT_SHORT] = "";
	uint64_t sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct generated *range = &list->items[i];

		if (range->generator != first->generator)
			continue;
		if (range < first)
			return;
		sum += range->end - range->start;
		n++;
	}
	size[text_size(size, sum)] = '\0';
	report(checker, CHECK_JIT_MEMORY, first->region, object,
	       "%s in %zu place%s, %s, with code that %s has generated (JIT).", size, n, n == 1 ? "" : "s",
	       access_of(checker, first), generator);
}

/* Memory that was never written to, as browsers reserve it, holds no code. */
static void report_unknown(struct checker *checker, const struct generated *range)
{
	const char *access = access_of(checker, range);

	if (range->has_contents)
		report(checker, CHECK_WRITABLE_CODE, range->region, 0,
		       "Memory that is %s, and from no known code generator: %s.", access,
		       range->referred[0] == NO_GENERATOR ?
			       "its contents refer to no module" :
		       range->is_partly_sought ?
			       "nothing keeps track of it in the part of the heap that was searched" :
			       "nothing in the process keeps track of it");
	else if (range->is_unread)
		report_other(checker, CHECK_WRITABLE_CODE, SEVERITY_WARNING, NULL, range->region, 0,
			     "Memory that is %s; its contents could not be read, so whether a code "
			     "generator (JIT) made it is not known.",
			     access);
	else
		report_other(checker, CHECK_WRITABLE_CODE, SEVERITY_WARNING, NULL, range->region, 0,
			     "Memory that is %s, with nothing in it yet.", access);
}

static bool is_plain_memfd(const struct checker *checker, const struct generated *range)
{
	return range->generator == NO_GENERATOR && !range->writable &&
	       !is_writable_code(checker, &checker->space->judgement.regions[range->region]);
}

/* Reports each memfd once, however many parts of it are executable. `is_reported`: by object. */
static void report_plain_memfd(struct checker *checker, const struct generated *range, bool *is_reported)
{
	uint32_t object = region_object(checker, &checker->space->judgement.regions[range->region]);

	if (!is_reported[object])
		report_memfd(checker, object, range->region);
	is_reported[object] = true;
}

static void report_generated(struct checker *checker, const struct generated_list *list, bool can_read)
{
	/* Memfds that hold a module have been reported already. */
	_cleanup_free_ bool *is_reported =
		find_module_objects(&checker->space->facts, &checker->space->judgement);

	for (size_t i = 0; i < list->n; i++) {
		const struct generated *range = &list->items[i];

		if (range->generator != NO_GENERATOR)
			report_generator(checker, list, range);
		else if (is_plain_memfd(checker, range))
			report_plain_memfd(checker, range, is_reported);
		else if (can_read)
			report_unknown(checker, range);
		else
			report_other(checker, CHECK_WRITABLE_CODE, SEVERITY_WARNING, NULL, range->region, 0,
				     "Memory that is %s; whether a code generator (JIT) made it is not "
				     "known, since the memory of the process cannot be read.",
				     access_of(checker, range));
	}
}

/* ---- modules ---- */

static bool continues(const struct checker *checker, const struct region *region)
{
	const struct judgement *judgement = &checker->space->judgement;

	return region > judgement->regions && region[-1].module == region->module &&
	       region[-1].end == region->start && is_writable_code(checker, region - 1);
}

static void check_modules(struct checker *checker)
{
	const struct judgement *judgement = &checker->space->judgement;

	for (size_t i = 0; i < judgement->n_regions; i++) {
		const struct region *region = &judgement->regions[i];
		uint32_t object;

		if (region->module == NO_MODULE || !is_writable_code(checker, region) ||
		    continues(checker, region))
			continue;
		object = judgement->modules[region->module].object;
		report(checker, CHECK_WRITABLE_CODE, (uint32_t)i, object,
		       "The module's %s is writable and executable.", kinds[region->kind].name);
	}
}

void check_code_memory(struct checker *checker)
{
	struct generated_list list = { 0 };
	bool can_read;

	check_modules(checker);
	check_memfd_modules(checker);
	list_writable(checker, &list);
	find_generated(checker, &list);
	can_read = find_generators(checker, list.items, list.n);
	report_generated(checker, &list, can_read);
	free(list.items);
	free(list.writable);
}

/* ---- stacks and heap ---- */

/* Counts the executable regions of a kind; *ret_first is the first one. */
static size_t count_executable(const struct checker *checker, enum kind kind, const struct region **ret_first)
{
	const struct judgement *judgement = &checker->space->judgement;
	size_t n = 0;

	for (size_t i = judgement->n_regions; i-- > 0;) {
		const struct region *region = &judgement->regions[i];

		if (region->kind == kind && region_mapping(checker, region)->perms & PERM_X) {
			*ret_first = region;
			n++;
		}
	}
	return n;
}

/*
 * The module whose header asks for executable stacks, which a loader grants whenever it loads such
 * a module; NO_MODULE: none.
 */
static int32_t find_wish(const struct checker *checker)
{
	const struct judgement *judgement = &checker->space->judgement;

	for (size_t i = 0; i < judgement->n_modules; i++)
		if (checker->evidence.files[judgement->modules[i].object].traits.stack == STACK_EXECUTABLE)
			return (int32_t)i;
	return NO_MODULE;
}

/* A file is not in memory: what it asks for is what it gets. */
static void check_stack_of_file(struct checker *checker)
{
	const struct judgement *judgement = &checker->space->judgement;
	int32_t module = find_wish(checker);

	if (module != NO_MODULE)
		report(checker, CHECK_EXECUTABLE_STACK, NO_REGION, judgement->modules[module].object,
		       "Its header (PT_GNU_STACK) asks for executable stacks.");
}

void check_executable_stack(struct checker *checker)
{
	const struct judgement *judgement = &checker->space->judgement;
	const struct region *first = NULL;
	size_t n = count_executable(checker, KIND_STACK, &first);
	int32_t module = n > 0 ? find_wish(checker) : NO_MODULE;
	_cleanup_free_ char *name = NULL;

	if (checker->space->facts.origin == ORIGIN_ELF)
		check_stack_of_file(checker);
	if (n == 0)
		return;
	if (module == NO_MODULE) {
		report_other(
			checker, CHECK_EXECUTABLE_STACK, SEVERITY_ERROR,
			"Find out who made it so: a call of mmap(2) or mprotect(2) with PROT_EXEC, or a library that "
			"has been closed since.",
			region_index(checker, first), 0,
			"%zu stack%s executable, and no module that is mapped now asks for it.", n,
			n == 1 ? " is" : "s are");
		return;
	}
	name = name_of_object(checker, judgement->modules[module].object);
	report(checker, CHECK_EXECUTABLE_STACK, region_index(checker, first),
	       judgement->modules[module].object,
	       "%zu stack%s executable: the header of %s (PT_GNU_STACK) asks for it.", n,
	       n == 1 ? " is" : "s are", name);
}

void check_executable_heap(struct checker *checker)
{
	const struct region *first = NULL;
	size_t n = count_executable(checker, KIND_HEAP, &first);

	if (n > 0)
		report(checker, CHECK_EXECUTABLE_HEAP, region_index(checker, first), 0,
		       "%zu part%s of malloc's heap %s executable.", n, n == 1 ? "" : "s",
		       n == 1 ? "is" : "are");
}
