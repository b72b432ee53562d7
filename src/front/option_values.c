/* SPDX-License-Identifier: MIT */
#include "front/option_values.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "front/nearest_word.h"
#include "inspect/query.h"
#include "unwind/read_frames.h"

#define MEMBER(o, info, type) ((type *)(void *)((char *)(o) + (info)->member))

int option_set_flag(struct options *o, const struct option_info *info, const char *arg _unused_,
		    struct error *err _unused_)
{
	*MEMBER(o, info, bool) = true;
	return 0;
}

int option_set_text(struct options *o, const struct option_info *info, const char *arg,
		    struct error *err _unused_)
{
	*MEMBER(o, info, const char *) = arg;
	return 0;
}

int option_set_file(struct options *o, const struct option_info *info, const char *arg, struct error *err)
{
	if (!*arg)
		return error_set(err, -EINVAL, "--%s takes a file name", info->name);
	return option_set_text(o, info, arg, err);
}

int option_set_action(struct options *o, const struct option_info *info, const char *arg _unused_,
		      struct error *err _unused_)
{
	o->action = info->action;
	return 0;
}

int option_set_help(struct options *o, const struct option_info *info _unused_, const char *arg,
		    struct error *err)
{
	static const struct {
		const char *topic;
		enum action action;
	} topics[] = { { "columns", ACTION_HELP_COLUMNS },
		       { "kinds", ACTION_HELP_KINDS },
		       { "checks", ACTION_HELP_CHECKS } };

	o->action = ACTION_HELP;
	for (size_t i = 0; arg && o->action == ACTION_HELP; i++) {
		if (i == ARRAY_SIZE(topics))
			return error_set(
				err, -EINVAL,
				"no help on '%.64s': --help, --help=columns, --help=kinds or --help=checks",
				arg);
		if (strcmp(arg, topics[i].topic) == 0)
			o->action = topics[i].action;
	}
	return 0;
}

int option_set_width(struct options *o, const struct option_info *info, const char *arg _unused_,
		     struct error *err _unused_)
{
	o->width = info->width;
	return 0;
}

/* The view that --layout and another view make together; NULL: none. */
static const struct view_info *picture_of(const struct view_info *a, const struct view_info *b)
{
	if (a == &view_layout && b->as_picture)
		return b->as_picture;
	if (b == &view_layout && (a->as_picture || (a->as_table && a->as_table->as_picture == a)))
		return a->as_picture ? a->as_picture : a;
	return a->as_table == b ? a : NULL;
}

/* The view that --diff and another view make together; NULL: none. */
static const struct view_info *changes_of(const struct view_info *a, const struct view_info *b)
{
	if (b == &view_changes)
		return a->as_changes;
	return a == &view_changes || a == b->as_changes ? b->as_changes : NULL;
}

int option_set_view(struct options *o, const struct option_info *info, const char *arg _unused_,
		    struct error *err)
{
	const struct view_info *both = picture_of(o->view, info->view);

	if (!both)
		both = changes_of(o->view, info->view);
	if (both) {
		o->view = both;
		return 0;
	}
	if (o->view != &view_regions && o->view != info->view)
		return error_set(err, -EINVAL, "%s and %s are two views: one at a time", o->view->option,
				 info->view->option);
	o->view = info->view;
	return 0;
}

int option_set_at(struct options *o, const struct option_info *info, const char *arg, struct error *err)
{
	if (!query_is_valid(arg))
		return unknown_word("address", arg, strlen(arg), err);
	mem_grow(o->queries, o->n_queries, o->cap_queries);
	o->queries[o->n_queries++] = arg;
	return option_set_view(o, info, arg, err);
}

int option_set_frames(struct options *o, const struct option_info *info, const char *arg, struct error *err)
{
	uint64_t tid;

	if (!can_read_frames)
		return error_set(err, -ENOTSUP, "this build has no --frames: it was made without libdw");
	if (arg && (!text_parse_u64(arg, 10, &tid) || tid == 0 || tid > INT32_MAX))
		return unknown_word("thread", arg, strlen(arg), err);
	if (arg)
		o->frames_tid = (int32_t)tid;
	return option_set_view(o, info, arg, err);
}

/* Columns are settled once all options are known, since they depend on the view. */
int option_set_output(struct options *o, const struct option_info *info _unused_, const char *arg,
		      struct error *err _unused_)
{
	if (*arg != '+')
		o->n_lists = 0;
	mem_grow(o->lists, o->n_lists, o->cap_lists);
	o->lists[o->n_lists++] = arg;
	o->has_own_columns |= *arg != '+';
	o->wants_all_columns &= *arg == '+';
	return 0;
}

int option_set_output_all(struct options *o, const struct option_info *info _unused_,
			  const char *arg _unused_, struct error *err _unused_)
{
	o->n_lists = 0;
	o->wants_all_columns = true;
	return 0;
}

/* pmap's -p takes no argument, but a PID follows it there, too. */
int option_set_pid(struct options *o, const struct option_info *info _unused_, const char *arg,
		   struct error *err)
{
	if (!*arg || arg[strspn(arg, "0123456789,")])
		return error_set(err, -EINVAL, "--pid takes PIDs, separated by commas, not '%.64s'", arg);
	mem_grow(o->pids, o->n_pids, o->cap_pids);
	o->pids[o->n_pids++] = arg;
	return 0;
}

int option_set_group(struct options *o, const struct option_info *info _unused_, const char *arg,
		     struct error *err)
{
	for (size_t i = GROUP_COMMAND; i < N_GROUPINGS; i++)
		if (strcasecmp(arg, grouping_names[i]) == 0) {
			o->group = (enum grouping)i;
			return 0;
		}
	return error_set(err, -EINVAL, "unknown group '%.64s': command, user, cgroup or container", arg);
}

int option_set_colour(struct options *o, const struct option_info *info _unused_, const char *arg,
		      struct error *err)
{
	static const char *const modes[] = {
		[COLOUR_AUTO] = "auto",
		[COLOUR_ALWAYS] = "always",
		[COLOUR_NEVER] = "never",
	};

	o->colour = COLOUR_ALWAYS;
	for (size_t i = 0; arg && i <= ARRAY_SIZE(modes); i++) {
		if (i == ARRAY_SIZE(modes))
			return error_set(err, -EINVAL, "unknown colour mode '%.64s': auto, always or never",
					 arg);
		if (strcmp(arg, modes[i]) == 0) {
			o->colour = (enum colour_mode)i;
			break;
		}
	}
	return 0;
}

#define INTERVAL_MS 2000 /* as in watch(1) */
#define INTERVAL_MIN_MS 100
#define INTERVAL_MAX_MS UINT64_C(86400000)

/* SECONDS may have a fraction. */
int option_set_watch(struct options *o, const struct option_info *info _unused_, const char *arg,
		     struct error *err)
{
	size_t n_digits = arg ? strspn(arg, "0123456789") : 0;
	size_t n_fraction = arg && arg[n_digits] == '.' ? strspn(arg + n_digits + 1, "0123456789") + 1 : 0;
	double seconds = arg ? strtod(arg, NULL) : 0;

	o->watches = true;
	o->interval = INTERVAL_MS;
	if (!arg)
		return 0;
	if (n_digits + n_fraction < 1 || arg[n_digits + n_fraction] || seconds * 1000 < INTERVAL_MIN_MS ||
	    seconds * 1000 > (double)INTERVAL_MAX_MS)
		return error_set(err, -EINVAL, "--watch takes seconds, from 0.1 to a day, not '%.64s'", arg);
	o->interval = (uint64_t)(seconds * 1000 + 0.5);
	return 0;
}

int option_set_count(struct options *o, const struct option_info *info _unused_, const char *arg,
		     struct error *err)
{
	if (!text_parse_u64(arg, 10, &o->n_rounds) || o->n_rounds == 0)
		return error_set(err, -EINVAL, "--count takes a positive number, not '%.64s'", arg);
	return 0;
}

/* A number of bytes; a suffix multiplies it by a power of 1024, as in tables. */
int option_set_growth(struct options *o, const struct option_info *info _unused_, const char *arg,
		      struct error *err)
{
	static const char suffixes[] = "KMGT";
	size_t len = strspn(arg, "0123456789");
	const char *suffix = arg[len] ? strchr(suffixes, toupper((unsigned char)arg[len])) : NULL;
	unsigned shift = suffix ? 10 * (unsigned)(suffix - suffixes + 1) : 0;
	char digits[24];

	snprintf(digits, sizeof(digits), "%.*s", (int)MIN(len, sizeof(digits) - 1), arg);
	if (len == 0 || len >= sizeof(digits) || arg[len + (suffix != NULL)] ||
	    !text_parse_u64(digits, 10, &o->growth) || o->growth == 0 || o->growth > UINT64_MAX >> shift)
		return error_set(err, -EINVAL, "--on-growth takes a size such as 200M or 1G, not '%.64s'",
				 arg);
	o->growth <<= shift;
	return 0;
}
