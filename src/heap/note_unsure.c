/* SPDX-License-Identifier: MIT */
#include "heap/note_unsure.h"

#include <inttypes.h>

#include "base/mem.h"
#include "base/out.h"
#include "base/text.h"

/*
 * Why a core file that has the heap lacks other private memory without a file: it was never written
 * to, or the process asked to leave it out, and the core file does not say which. NULL: it is
 * missing for another reason, or spans several mappings.
 */
static const char *explain(const struct facts *facts, const struct unread_range *most)
{
	const struct mapping *m = &facts->mappings[facts_find_mapping(facts, most->start)];

	if (facts->core.missing > 0 || most->end > m->end || !is_nameless(facts, m) ||
	    facts_dumped(facts, m->start, m->end) > 0)
		return NULL;
	return ", which was never written to, or left out by madvise(MADV_DONTDUMP): --leaks --stop can tell "
	       "while the process runs";
}

static char *describe_largest(const struct facts *facts, const struct unread_range *most)
{
	char size[OUT_SHORT];
	const char *why = explain(facts, most);

	size[text_size(size, most->end - most->start)] = 0;
	return mem_format(": the largest part is %s at %" PRIx64 "%s", size, most->start, why ? why : "");
}

static void note_unread(const struct leaks *leaks, const struct facts *facts, const struct unread_range *most,
			const char *blocks, struct notes *notes)
{
	bool is_core = facts->origin == ORIGIN_CORE;
	_cleanup_free_ char *largest =
		is_core && most->start < most->end ? describe_largest(facts, most) : NULL;
	char unread[OUT_SHORT];

	unread[text_size(unread, leaks->unread)] = 0;
	notes_warn(notes, "leaks-unread", "%s of memory %s, and may lead to %s that nothing else leads to%s",
		   unread, is_core ? "is not in the core file" : "could not be read", blocks,
		   largest ? largest : "");
}

void note_unsure(const struct leaks *leaks, const struct facts *facts, const struct unread_range *most,
		 struct notes *notes)
{
	_cleanup_free_ char *blocks = NULL;
	char bytes[OUT_SHORT];

	if (leaks->unsure_blocks == 0)
		return;
	bytes[text_size(bytes, leaks->unsure_bytes)] = 0;
	blocks = mem_format("%" PRIu64 " block%s (%s)", leaks->unsure_blocks,
			    leaks->unsure_blocks == 1 ? "" : "s", bytes);
	if (leaks->unread > 0)
		note_unread(leaks, facts, most, blocks, notes);
	else
		notes_add(notes, "leaks-unsure",
			  "%s may be lost, or held by a thread's registers: --stop reads these", blocks);
}
