/* SPDX-License-Identifier: MIT */
#include "commands/difference.h"

#include <errno.h>

#include "commands/messages.h"
#include "commands/read_guarded.h"

/* One of the two. */
struct side {
	struct run *run;
	const char *operand;
};

static void report_side(const struct side *side, const struct error *err)
{
	complain(side->operand, 0, err->text);
	side->run->has_failed = true;
}

static void go_on_without(void *context, const struct error *err)
{
	const struct side *side = context;

	progress_end(&side->run->progress);
	report_side(side, err);
	end_run(side->run);
}

/* 0, and the caller ends `space`; otherwise the error has been printed. */
static int read_one(struct run *run, const char *operand, struct space *space)
{
	const struct read_settings settings = run_settings(run);
	struct side side = { run, operand };
	const struct successor successor = { go_on_without, &side };
	struct target *target = select_one(run, operand, "--diff");
	struct error err;
	int r;

	if (!target)
		return -EINVAL;
	r = read_guarded(&settings, target, &successor, space, &err);
	progress_end(&run->progress);
	if (r < 0)
		report_side(&side, &err);
	targets_free(target, 1);
	return r;
}

/* No note if both sides are narrowed, or the comparison is: then probably by the same filters. */
static void note_narrowed(const struct run *run, struct space *space, const struct space *other,
			  const char *change)
{
	if (run->options.view != &view_changes || lacks_regions(&space->facts) ||
	    !lacks_mappings(&space->facts) || lacks_mappings(&other->facts) ||
	    selection_is_narrowed(&run->options.spec.selection))
		return;
	notes_warn(&space->answers.notes, "snapshot-narrowed",
		   "the snapshot has only part of the address space: the rest of the other looks %s", change);
}

void show_difference(struct run *run)
{
	static const struct target named;
	const char *const *operands = run->options.targets;
	struct space old, now;
	const struct space *const spaces[] = { &now, &old };

	if (read_one(run, operands[0], &old) < 0)
		return;
	if (read_one(run, operands[1], &now) == 0) {
		note_narrowed(run, &old, &now, "added");
		note_narrowed(run, &now, &old, "removed");
		show_spaces(run, &named, spaces, ARRAY_SIZE(spaces));
		print_all_notes(run, operands[0], &named, &old);
		print_all_notes(run, operands[1], &named, &now);
		space_done(&now);
	}
	space_done(&old);
}
