/* SPDX-License-Identifier: MIT */
/* Stacks, limits, and what the kernel protects. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/thread_stacks.h"
#include "base/out.h"
#include "base/text.h"
#include "check/checker.h"

/* From this percentage on, a limit or a stack is nearly full. */
#define NEARLY_FULL 90

static bool is_nearly_full(uint64_t used, uint64_t max)
{
	return used != UNKNOWN && max != UNKNOWN && max > 0 && used >= max / 100 * NEARLY_FULL;
}

static bool has_flag(const struct checker *checker, uint32_t mapping, const char *flag)
{
	const char *flags = usage_flags(&checker->space->facts.usage, mapping);
	size_t len = strlen(flag);

	for (; flags; flags = strchr(flags, ',') ? strchr(flags, ',') + 1 : NULL)
		if (strncmp(flags, flag, len) == 0 && (flags[len] == ',' || flags[len] == '\0'))
			return true;
	return false;
}

/* ---- stacks ---- */

typedef void stack_check(struct checker *checker, const struct thread_stack *stack, uint32_t region);

static void for_each_stack(struct checker *checker, stack_check *check)
{
	_cleanup_free_ struct thread_stack *stacks = NULL;

	if (checker->space->facts.n_threads == 0 || !checker->space->judgement.stacks)
		return;
	stacks = find_stacks(checker->space);
	for (size_t i = 0; i < checker->space->facts.n_threads; i++)
		if (stacks[i].start != UNKNOWN)
			check(checker, &stacks[i],
			      judgement_region(&checker->space->judgement, stacks[i].start));
}

/* The main thread's stack grows, and the kernel keeps other mappings away from it. */
static void check_guard(struct checker *checker, const struct thread_stack *stack, uint32_t region)
{
	if (stack->guard != 0 || stack->thread->tid == checker->space->facts.process.pid)
		return;
	report(checker, CHECK_NO_STACK_GUARD, region, 0,
	       "Nothing below the stack of thread %d stops it from growing into other memory.",
	       (int)stack->thread->tid);
}

void check_no_stack_guard(struct checker *checker)
{
	for_each_stack(checker, check_guard);
}

/* If all pages are brought in at once (mlockall(2)), they do not show how far the stack was used. */
static void check_room(struct checker *checker, const struct thread_stack *stack, uint32_t region)
{
	char used[OUT_SHORT] = "";
	char all[OUT_SHORT] = "";

	if (stack->used == UNKNOWN || stack->free == UNKNOWN ||
	    !is_nearly_full(stack->used, stack->used + stack->free) || region == NO_REGION)
		return;
	if (!stack->is_used_by_sp &&
	    has_flag(checker, checker->space->judgement.regions[region].mapping, "locked"))
		return;
	used[text_size(used, stack->used)] = '\0';
	all[text_size(all, stack->used + stack->free)] = '\0';
	report(checker, CHECK_STACK_NEARLY_FULL, region, 0, "Thread %d %s %s of its %s stack.",
	       (int)stack->thread->tid, stack->is_used_by_sp ? "uses" : "has used", used, all);
}

void check_stack_nearly_full(struct checker *checker)
{
	for_each_stack(checker, check_room);
}

/* ---- limits ---- */

void check_mappings_near_limit(struct checker *checker)
{
	const struct facts *facts = &checker->space->facts;
	uint64_t used = facts_used(facts, LIMIT_MAPPINGS);
	uint64_t max = facts->process.limits[LIMIT_MAPPINGS].max;

	if (is_nearly_full(used, max))
		report(checker, CHECK_MAPPINGS_NEAR_LIMIT, NO_REGION, 0,
		       "%" PRIu64 " of the %" PRIu64
		       " mappings that vm.max_map_count allows: beyond that, mmap(2), "
		       "mprotect(2) and munmap(2) fail.",
		       used, max);
}

/* ---- what is protected ---- */

/* Counts the process's own mappings that have a flag; *ret_region is the first one's region. */
static size_t count_flagged(const struct checker *checker, const char *flag, uint32_t *ret_region)
{
	const struct judgement *judgement = &checker->space->judgement;
	uint32_t last = NO_MAPPING;
	size_t n = 0;

	*ret_region = NO_REGION;
	for (size_t i = 0; i < judgement->n_regions; i++) {
		const struct region *region = &judgement->regions[i];

		if (region->kind == KIND_VDSO || region->mapping == last ||
		    !has_flag(checker, region->mapping, flag))
			continue;
		last = region->mapping;
		if (n++ == 0)
			*ret_region = (uint32_t)i;
	}
	return n;
}

void check_sealed(struct checker *checker)
{
	uint32_t region;
	size_t n = count_flagged(checker, "sealed", &region);

	if (n > 0)
		report(checker, CHECK_SEALED, region, 0,
		       "%zu mapping%s sealed: the process cannot change %s access or unmap %s (mseal(2)).", n,
		       n == 1 ? " is" : "s are", n == 1 ? "its" : "their", n == 1 ? "it" : "them");
}

void check_shadow_stack(struct checker *checker)
{
	uint32_t region;
	size_t n = count_flagged(checker, "shadow-stack", &region);

	if (n > 0)
		report(checker, CHECK_SHADOW_STACK, region, 0,
		       "%zu shadow stack%s: a return to an address that was changed ends the process.", n,
		       n == 1 ? "" : "s");
}
