/* SPDX-License-Identifier: MIT */
/* How modules are linked, and whether they got what they ask for. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "check/checker.h"

static const struct traits *traits_of(const struct checker *checker, const struct module *module)
{
	return &checker->evidence.files[module->object].traits;
}

/* Whether the file of a module was read; the vdso is left out. */
static bool is_examined(const struct checker *checker, const struct module *module)
{
	return traits_of(checker, module)->is_known &&
	       !is_vdso(checker->space->facts.objects[module->object]);
}

static bool is_file(const struct checker *checker)
{
	return checker->space->facts.origin == ORIGIN_ELF;
}

static uint32_t first_region(const struct checker *checker, const struct module *module)
{
	return judgement_region(&checker->space->judgement, module->start);
}

/* ---- RELRO ---- */

/* By region: the first writable one from it on; or the number of regions. The caller frees them. */
static uint32_t *index_writable(const struct checker *checker)
{
	const struct judgement *judgement = &checker->space->judgement;
	size_t n = judgement->n_regions;
	uint32_t *writable = mem_array(n + 1, sizeof(*writable));

	writable[n] = (uint32_t)n;
	for (size_t i = n; i-- > 0;) {
		bool is_writable = region_mapping(checker, &judgement->regions[i])->perms & PERM_W;

		writable[i] = is_writable ? (uint32_t)i : writable[i + 1];
	}
	return writable;
}

/* The first writable region from start to end, or NO_REGION. */
static uint32_t find_writable(const struct checker *checker, const uint32_t *writable, uint64_t start,
			      uint64_t end)
{
	const struct judgement *judgement = &checker->space->judgement;
	uint32_t i = writable[judgement_next_region(judgement, start)];

	return i < judgement->n_regions && judgement->regions[i].start < end ? i : NO_REGION;
}

/* Loaders protect whole pages: RELRO that shares its last page with other data stays writable there. */
static void check_relro_of(struct checker *checker, const uint32_t *writable, const struct module *module)
{
	const struct facts *facts = &checker->space->facts;
	const struct image *image = facts->objects[module->object]->image;
	const struct traits *traits = traits_of(checker, module);
	uint64_t start, end;
	uint32_t region;

	if (!image || image->relro_start == image->relro_end || is_vdso(facts->objects[module->object]))
		return;
	start = page_floor(module->bias + image->relro_start, facts->page_size);
	end = page_floor(module->bias + image->relro_end, facts->page_size);
	region = start < end ? find_writable(checker, writable, start, end) : NO_REGION;
	if (region == NO_REGION)
		return;
	start = MAX(start, checker->space->judgement.regions[region].start);
	if (traits->is_known && traits->is_program && !traits->has_loader)
		report_other(
			checker, CHECK_RELRO_WRITABLE, SEVERITY_WARNING,
			"Link it dynamically, or with a C library whose static programs protect it.", region,
			module->object,
			"Relocated data at %" PRIx64
			" is writable, though the file asks to have it read-only "
			"(PT_GNU_RELRO): the program has no loader, and its startup code does not protect it.",
			start);
	else
		report(checker, CHECK_RELRO_WRITABLE, region, module->object,
		       "Relocated data at %" PRIx64 " is writable, though the file asks to have it read-only "
		       "(PT_GNU_RELRO).",
		       start);
}

void check_relro_writable(struct checker *checker)
{
	const struct judgement *judgement = &checker->space->judgement;
	_cleanup_free_ uint32_t *writable = NULL;

	if (is_file(checker))
		return;
	writable = index_writable(checker);
	for (size_t i = 0; i < judgement->n_modules; i++)
		check_relro_of(checker, writable, &judgement->modules[i]);
}

void check_no_relro(struct checker *checker)
{
	const struct judgement *judgement = &checker->space->judgement;

	for (size_t i = 0; i < judgement->n_modules; i++) {
		const struct module *module = &judgement->modules[i];
		const struct traits *traits = traits_of(checker, module);

		if (is_examined(checker, module) && traits->has_relocations && !traits->has_relro)
			report(checker, CHECK_NO_RELRO, first_region(checker, module), module->object,
			       "It has no PT_GNU_RELRO: data that its loader fills in at startup stays writable.");
	}
}

/* In a process the table itself counts: a loader may have protected it anyway. */
void check_lazy_binding(struct checker *checker)
{
	const struct judgement *judgement = &checker->space->judgement;
	_cleanup_free_ uint32_t *writable = index_writable(checker);

	for (size_t i = 0; i < judgement->n_modules; i++) {
		const struct module *module = &judgement->modules[i];
		const struct traits *traits = traits_of(checker, module);
		uint64_t calls = module->bias + traits->calls;
		uint32_t region;

		if (!is_examined(checker, module) || !traits->has_lazy_calls)
			continue;
		region = find_writable(checker, writable, calls, calls + 1);
		if (region != NO_REGION)
			report(checker, CHECK_LAZY_BINDING, region, module->object,
			       "Nothing asks to bind its calls at startup (BIND_NOW): the table of their addresses at "
			       "%" PRIx64 " is writable.",
			       calls);
	}
}

/* ---- code ---- */

void check_text_relocations(struct checker *checker)
{
	const struct judgement *judgement = &checker->space->judgement;

	for (size_t i = 0; i < judgement->n_modules; i++) {
		const struct module *module = &judgement->modules[i];

		if (is_examined(checker, module) && traits_of(checker, module)->has_text_relocations)
			report(checker, CHECK_TEXT_RELOCATIONS, first_region(checker, module), module->object,
			       "Its code has relocations (DT_TEXTREL): its loader makes it writable to apply them, and "
			       "each process has its own copy.");
	}
}

/* This includes a program that a loader was asked to run (ld.so PROGRAM). */
void check_no_pie(struct checker *checker)
{
	const struct judgement *judgement = &checker->space->judgement;

	for (size_t i = 0; i < judgement->n_modules; i++) {
		const struct module *module = &judgement->modules[i];

		if (is_examined(checker, module) && traits_of(checker, module)->is_fixed)
			report(checker, CHECK_NO_PIE, first_region(checker, module), module->object,
			       "The program is at %" PRIx64
			       " whenever it runs: it is not a position-independent "
			       "executable.",
			       module->start);
	}
}

void check_branch_marks(struct checker *checker)
{
	const struct judgement *judgement = &checker->space->judgement;

	for (size_t i = 0; i < judgement->n_modules; i++) {
		const struct module *module = &judgement->modules[i];
		const struct traits *traits = traits_of(checker, module);

		if (is_examined(checker, module) && traits->is_program && traits->marks)
			report(checker, CHECK_BRANCH_MARKS, first_region(checker, module), module->object,
			       "Its code is marked for %s.",
			       !(traits->marks & MARK_SHADOW_STACK) ? "checked indirect branches" :
			       traits->marks & MARK_BRANCHES ? "checked indirect branches and shadow stacks" :
							       "shadow stacks");
	}
}
