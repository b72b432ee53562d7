/* SPDX-License-Identifier: MIT */
#include "front/option_conflicts.h"

#include <errno.h>
#include <string.h>

#include "elf/demangle.h"
#include "front/option_columns.h"

static size_t count_targets(const struct options *o)
{
	size_t n = 0;

	while (o->targets[n])
		n++;
	return n;
}

static bool has_choice_of_columns(const struct options *o)
{
	return o->n_lists > 0 || o->wants_all_columns || o->width != WIDTH_USUAL || o->sort;
}

static int check_watch(const struct options *o, struct error *err)
{
	if (!o->watches && (o->n_rounds || o->growth || o->save_path))
		return error_set(err, -EINVAL, "--count, --on-growth and --save need --watch");
	if (o->watches && o->view->n_targets > 0)
		return error_set(err, -EINVAL, "--watch does not go with %s", o->view->option);
	if (o->watches && (o->all || o->view->lists_processes || o->output_file))
		return error_set(err, -EINVAL, "--watch does not go with --all or --output-file");
	if (o->watches && count_targets(o) != 1)
		return error_set(err, -EINVAL, "--watch takes one target; give seconds as --watch=SECONDS");
	if ((o->growth != 0) != (o->save_path != NULL))
		return error_set(err, -EINVAL, "--on-growth=SIZE and --save=FILE go together");
	return 0;
}

static bool is_measure(const struct column *column)
{
	if (column->needs & NEED_COUNTER)
		return (column->type == CELL_SIZE || column->type == CELL_CHANGE) &&
		       counters[column->counter].share != SHARE_PROPERTY;
	return strcmp(column->name, "SIZE") == 0 || strcmp(column->name, "SIZE_CHANGE") == 0;
}

static int check_picture(const struct options *o, struct error *err)
{
	const char *option = o->svg ? "--svg" : "--folded";

	if (!options_draw(o))
		return 0;
	if (o->svg && o->folded)
		return error_set(err, -EINVAL, "--svg and --folded are two outputs: one at a time");
	if (!o->view->pictured || (o->folded && o->view->n_targets > 1))
		return error_set(err, -EINVAL, "%s does not go with %s", option, o->view->option);
	if (o->json || o->openmetrics || o->watches)
		return error_set(err, -EINVAL, "%s does not go with --json, --openmetrics or --watch",
				 option);
	if (o->sort || o->explained)
		return error_set(err, -EINVAL, "%s has no rows: --sort and --explain do not go with it",
				 option);
	if (o->n_columns != 1 || !is_measure(o->columns[0]))
		return error_set(err, -EINVAL,
				 "%s takes one column of bytes that add up: SIZE, RSS, PSS, SWAP or the like",
				 option);
	if (o->svg && (o->all || count_targets(o) > MAX(o->view->n_targets, 1)))
		return error_set(err, -EINVAL,
				 "--svg takes one target, or two with --diff: a document is one picture");
	return 0;
}

/* Only a file can be a core file; the files of a process are found through the process. */
static bool has_file_target(const struct options *o)
{
	for (const char **target = o->targets; *target; target++)
		if (strchr(*target, '/'))
			return true;
	return false;
}

static int check_targets(const struct options *o, struct error *err)
{
	if (o->view->n_targets > 0 && count_targets(o) != o->view->n_targets)
		return error_set(err, -EINVAL, "%s takes two targets: OLD and NEW", o->view->option);
	if (o->all && *o->targets)
		return error_set(err, -EINVAL, "--all is all processes: '%.64s' cannot be another target",
				 *o->targets);
	if (o->openmetrics && (!o->view->lists_processes || o->json || has_choice_of_columns(o)))
		return error_set(
			err, -EINVAL,
			"--openmetrics cannot be combined with another view, --json, --output or --sort");
	if (o->cgroup && (!o->all || !o->view->lists_processes))
		return error_set(err, -EINVAL, "--cgroup needs --all without another view");
	if (o->group && (!(o->all || o->openmetrics) || !o->view->lists_processes))
		return error_set(err, -EINVAL, "--group needs --all without another view");
	if (!*o->targets && !o->all)
		return error_set(err, -EINVAL, "no target given: expected a PID, a process name or a path");
	if (o->sysroot && !has_file_target(o))
		return error_set(err, -EINVAL, "--sysroot needs a core file, and no target is a file");
	return 0;
}

/* The first option that narrows what is shown. */
static const char *first_filter(const struct selection *selection)
{
	if (selection->kinds)
		return "--kind";
	if (selection->has_range)
		return "--range";
	return selection->perms_mask ? "--perms" : "--name";
}

static int check_view(const struct options *o, struct error *err)
{
	if (o->spec.is_full && !o->view->put_picture && o->view->collect != view_layout.collect)
		return error_set(err, -EINVAL, "--full needs --layout");
	if (o->spec.shows_contents && !o->view->contents)
		return error_set(err, -EINVAL, "--contents needs --at");
	if (o->explained && !(o->json ? options_show_regions(o) : o->view->explanation != NULL))
		return error_set(err, -EINVAL, "--explain does not go with %s", o->view->option);
	if ((o->spec.demangles || o->wants_debuginfod) && !o->view->has_symbols)
		return error_set(
			err, -EINVAL,
			"--demangle and --debuginfod need a view that shows symbols: --at, --frames, --blocks, --leaks");
	if (o->stops && !o->view->may_stop)
		return error_set(err, -EINVAL,
				 "--stop needs a view of malloc's heap: --heap, --blocks, --leaks");
	if (o->spec.demangles && !can_demangle())
		return error_set(err, -EINVAL, "no --demangle: this memmap was built without libiberty");
	if ((o->openmetrics || o->group) && selection_is_narrowed(&o->spec.selection))
		return error_set(err, -EINVAL, "%s selects regions, but %s has the sums of whole processes",
				 first_filter(&o->spec.selection),
				 o->openmetrics ? "--openmetrics" : "--group");
	if (o->view->lists_processes && selection_is_narrowed(&o->spec.selection))
		return error_set(
			err, -EINVAL,
			"%s selects regions, but --all without a view lists processes; for the regions "
			"of all processes add --sections and -o +PID,COMMAND",
			first_filter(&o->spec.selection));
	if (o->view->not_regions && selection_is_narrowed(&o->spec.selection))
		return error_set(err, -EINVAL, "--kind, --range, --perms and --name do not go with %s",
				 o->view->option);
	if ((o->chooses_severity || o->sarif) && o->view != &view_findings)
		return error_set(err, -EINVAL, "--severity and --sarif need --check");
	if (o->sarif && (o->json || o->watches || has_choice_of_columns(o)))
		return error_set(err, -EINVAL,
				 "--sarif cannot be combined with --json, --watch, --output or --sort");
	/* A JSON object has no order. */
	if (o->json && o->sort && o->view->collect && !o->view->array)
		return error_set(err, -EINVAL, "--sort does not go with --json and %s", o->view->option);
	/* All pages of a process are too many, both for memmap to read and for the user. */
	if (o->view->is_expensive && !o->spec.selection.has_range && !o->spec.selection.kinds)
		return error_set(err, -EINVAL, "%s needs --range or --kind", o->view->option);
	return 0;
}

int options_check(const struct options *o, struct error *err)
{
	int r = check_picture(o, err);

	if (r == 0)
		r = check_targets(o, err);
	if (r == 0)
		r = check_view(o, err);
	return r == 0 ? check_watch(o, err) : r;
}
