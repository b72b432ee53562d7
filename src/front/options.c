/* SPDX-License-Identifier: MIT */
#include "front/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "front/nearest_word.h"
#include "front/option_conflicts.h"
#include "front/option_columns.h"
#include "front/option_table.h"
#include "views/processes.h"

#define LONG_ONLY 256 /* getopt returns this plus the index of a long option */

static void fill_getopt(char *letters, struct option *longs)
{
	*letters++ = ':'; /* errors are ours to report */
	for (size_t i = 0; i < n_options; i++) {
		const struct option_info *info = &option_table[i];

		longs[i] = (struct option){ info->name, (int)info->arg, NULL, LONG_ONLY + (int)i };
		if (!info->letter)
			continue;
		*letters++ = info->letter;
		if (info->arg == ARG_REQUIRED)
			*letters++ = ':';
	}
	*letters = '\0';
}

static const struct option_info *find_option(int value)
{
	if (value >= LONG_ONLY)
		return &option_table[value - LONG_ONLY];
	for (size_t i = 0; i < n_options; i++)
		if (option_table[i].letter == value)
			return &option_table[i];
	return NULL;
}

/* Reports what getopt has just refused. `word` is the argument that it was looking at. */
static int refuse_letter_or_argument(const struct options *o, int value, const char *word, struct error *err)
{
	const struct option_info *info = optopt ? find_option(optopt) : NULL;
	const char letter[] = { '-', (char)optopt, '\0' };
	/* A byte that is not ASCII may be negative. */
	const char *shown = optopt != 0 && optopt < LONG_ONLY ? letter : word;

	if (value == ':')
		return error_set(err, -EINVAL, "option '%.64s' needs an argument", shown);
	if (info)
		return error_set(err, -EINVAL, "option '--%s' takes no argument", info->name);
	return error_set(err, -EINVAL, "unknown option '%.64s'%s", shown,
			 o->watches && optopt >= '0' && optopt <= '9' ? "; give seconds as --watch=SECONDS" :
									"");
}

/* A word that is a prefix of several options, or of none. */
static int refuse_word(const char *word, struct error *err)
{
	size_t len = strcspn(word, "=");
	char list[256] = "";
	struct nearest nearest;
	size_t n = 0;

	nearest_init(&nearest, word + 2, len - 2);
	for (size_t i = 0; i < n_options; i++) {
		char name[32];

		snprintf(name, sizeof(name), "--%s", option_table[i].name);
		nearest_try(&nearest, option_table[i].name);
		if (strncmp(name, word, len) != 0 || strlen(list) + strlen(name) + 3 > sizeof(list))
			continue;
		strcat(list, n++ > 0 ? ", " : "");
		strcat(list, name);
	}
	if (n > 1)
		return error_set(err, -EINVAL, "option '%.*s' is ambiguous: %s", (int)MIN(len, 64), word,
				 list);
	if (!*nearest.best)
		return unknown_word("option", word, len, err);
	return error_set(err, -EINVAL, "unknown option '%.*s'; did you mean '--%s'?", (int)MIN(len, 64), word,
			 nearest.best);
}

static int refuse(const struct options *o, int value, const char *word, struct error *err)
{
	return value == '?' && optopt == 0 ? refuse_word(word, err) :
					     refuse_letter_or_argument(o, value, word, err);
}

/* Help and --version end the parsing: errors in what follows do not matter. */
static bool ends_at_once(const struct options *o)
{
	return o->action != ACTION_SHOW && o->action != ACTION_LIST_COLUMNS;
}

static void add_list(struct options *o, const char *list)
{
	mem_grow(o->lists, o->n_lists, o->cap_lists);
	o->lists[o->n_lists++] = list;
}

/*
 * A finding is explained in a sentence, unless the user chose columns. With several processes, columns also
 * name the process. Scripts get the parts of the sentence as columns.
 */
static void settle_findings(struct options *o)
{
	bool has_several = o->all || (*o->targets && o->targets[1]);

	/* Nearly every process has findings that are just notes. */
	if (o->view == &view_findings && o->all && !o->chooses_severity)
		o->spec.least = SEVERITY_WARNING;
	if (o->view != &view_findings || o->json || o->sarif || o->has_own_columns || o->wants_all_columns)
		return;
	o->explained = !o->raw;
	if (has_several)
		add_list(o, "+PID,COMMAND");
	if (o->raw)
		add_list(o, "+TEXT,CURE");
}

/* For scripts, and for users who choose columns or their order. */
static bool wants_table(const struct options *o)
{
	return o->raw || o->no_headings || o->n_lists > 0 || o->wants_all_columns || o->sort;
}

static int settle(struct options *o, struct error *err)
{
	int r;

	/* A picture of regions also shows their sections. */
	if (options_draw(o) && (o->view == &view_regions || o->view == &view_layout))
		o->view = &view_sections;
	if (o->openmetrics && !o->group)
		o->group = GROUP_COMMAND;
	if ((o->all || o->openmetrics) && o->view == &view_regions)
		o->view = o->group ? &views_of_groups[o->group] : &view_processes;
	if (o->view->as_table && wants_table(o))
		o->view = o->view->as_table;
	settle_findings(o);
	r = options_settle_columns(o, err);
	if (r == 0)
		r = options_settle_sort(o, err);
	o->spec.collect = o->view->collect;
	return r == 0 && o->action == ACTION_SHOW ? options_check(o, err) : r;
}

/* Those of --pid come first. */
static void settle_targets(struct options *o, char **operands)
{
	size_t n = 0;

	while (operands[n])
		n++;
	o->targets = mem_array(o->n_pids + n + 1, sizeof(*o->targets));
	if (o->n_pids > 0)
		memcpy(o->targets, o->pids, o->n_pids * sizeof(*o->targets));
	memcpy(o->targets + o->n_pids, operands, (n + 1) * sizeof(*o->targets));
}

int options_parse(struct options *o, int argc, char **argv, struct error *err)
{
	_cleanup_free_ char *letters = mem_alloc(2 * n_options + 2);
	_cleanup_free_ struct option *longs = mem_alloc((n_options + 1) * sizeof(*longs));
	int value;
	int r = 0;

	*o = (struct options){ .procfs = "/proc", .view = &view_regions, .frames_tid = NO_TID };
	fill_getopt(letters, longs);
	while (r == 0 && !ends_at_once(o) && (value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct option_info *info = value == '?' || value == ':' ? NULL : find_option(value);

		r = info ? info->set(o, info, optarg, err) : refuse(o, value, argv[optind - 1], err);
	}
	settle_targets(o, argv + optind);
	return r == 0 && !ends_at_once(o) ? settle(o, err) : r;
}

void options_for_snapshot(const struct options *options, struct options *ret)
{
	struct error err;

	*ret = (struct options){
		.procfs = options->procfs,
		.json = true,
		.view = &view_sections,
		.width = WIDTH_EVERY_COUNTER,
		.frames_tid = NO_TID,
	};
	options_settle_columns(ret, &err);
}

void options_done(struct options *o)
{
	free(o->columns);
	free(o->lists);
	free(o->queries);
	free(o->pids);
	free(o->targets);
	*o = (struct options){ 0 };
}
