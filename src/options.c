/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "text.h"

/* ---- what each option does; `arg` is NULL where it takes none ---- */

static int set_help(struct options *o, const char *arg _unused_, struct error *err _unused_)
{
	o->action = ACTION_HELP;
	return 0;
}

static int set_version(struct options *o, const char *arg _unused_, struct error *err _unused_)
{
	o->action = ACTION_VERSION;
	return 0;
}

static int set_list_columns(struct options *o, const char *arg _unused_, struct error *err _unused_)
{
	o->action = ACTION_LIST_COLUMNS;
	return 0;
}

static int set_extended(struct options *o, const char *arg _unused_, struct error *err _unused_)
{
	o->base = EXTENDED_COLUMNS;
	return 0;
}

static int set_every_figure(struct options *o, const char *arg _unused_, struct error *err _unused_)
{
	o->base = EVERY_FIGURE_COLUMNS;
	return 0;
}

static int set_mode(struct options *o, enum view_mode mode, struct error *err)
{
	if (o->mode != VIEW_REGIONS && o->mode != mode)
		return error_set(err, -EINVAL, "only one of --summary, --threads and --pages at a time");
	o->mode = mode;
	return 0;
}

static int set_summary(struct options *o, const char *arg _unused_, struct error *err)
{
	return set_mode(o, VIEW_SUMMARY, err);
}

static int set_pages(struct options *o, const char *arg _unused_, struct error *err)
{
	return set_mode(o, VIEW_PAGES, err);
}

static int set_threads(struct options *o, const char *arg _unused_, struct error *err)
{
	return set_mode(o, VIEW_THREADS, err);
}

static int set_explain(struct options *o, const char *arg _unused_, struct error *err _unused_)
{
	o->explained = true;
	return 0;
}

static int set_json(struct options *o, const char *arg _unused_, struct error *err _unused_)
{
	o->json = true;
	return 0;
}

static int set_bytes(struct options *o, const char *arg _unused_, struct error *err _unused_)
{
	o->bytes = true;
	return 0;
}

static int set_raw(struct options *o, const char *arg _unused_, struct error *err _unused_)
{
	o->raw = true;
	return 0;
}

static int set_no_headings(struct options *o, const char *arg _unused_, struct error *err _unused_)
{
	o->no_headings = true;
	return 0;
}

static int set_no_truncate(struct options *o, const char *arg _unused_, struct error *err _unused_)
{
	o->no_truncate = true;
	return 0;
}

static int set_procfs(struct options *o, const char *arg, struct error *err _unused_)
{
	o->procfs = arg;
	return 0;
}

static int set_user(struct options *o, const char *arg, struct error *err _unused_)
{
	o->user = arg;
	return 0;
}

static int set_name(struct options *o, const char *arg, struct error *err _unused_)
{
	o->view.name = arg;
	return 0;
}

static void add_column(struct options *o, const struct column *column)
{
	mem_grow(o->columns, o->n_columns, o->cap_columns);
	o->columns[o->n_columns++] = column;
}

/* Calls `add` for each item of a list with commas. */
static int for_each_item(const char *list, int (*add)(struct options *, const char *, size_t, struct error *),
			 struct options *o, struct error *err)
{
	int r;

	do {
		size_t len = strcspn(list, ",");

		r = add(o, list, len, err);
		list += len;
	} while (r == 0 && *list++ == ',');
	return r;
}

static int unknown(const char *what, const char *name, size_t len, struct error *err)
{
	return error_set(err, -EINVAL, "unknown %s '%.*s'", what, (int)MIN(len, 64), name);
}

static int add_column_named(struct options *o, const char *name, size_t len, struct error *err)
{
	const struct column *column = column_find(name, len);

	if (!column)
		return unknown("column", name, len, err);
	add_column(o, column);
	return 0;
}

static int set_output(struct options *o, const char *arg, struct error *err)
{
	if (*arg == '+')
		return for_each_item(arg + 1, add_column_named, o, err);
	o->n_columns = 0;
	o->has_base = false;
	return for_each_item(arg, add_column_named, o, err);
}

static bool has_column(const struct options *o, const struct column *column)
{
	for (size_t i = 0; i < o->n_columns; i++)
		if (o->columns[i] == column)
			return true;
	return false;
}

/* The columns of `base` come first, then those that were added to them. */
static int set_base(struct options *o, struct error *err)
{
	const struct column **added = o->columns;
	size_t n_added = o->n_columns;
	int r;

	if (!o->has_base)
		return 0;
	o->columns = NULL;
	o->n_columns = o->cap_columns = 0;
	r = for_each_item(o->base, add_column_named, o, err);
	for (size_t i = 0; i < n_added; i++)
		if (!has_column(o, added[i]))
			add_column(o, added[i]);
	free(added);
	return r;
}

static int set_output_all(struct options *o, const char *arg _unused_, struct error *err _unused_)
{
	o->n_columns = 0;
	o->has_base = false;
	for (size_t i = 0; i < n_region_columns; i++)
		add_column(o, &region_columns[i]);
	return 0;
}

static int add_kind(struct options *o, const char *name, size_t len, struct error *err)
{
	enum kind kind = kind_find(name, len);

	if (kind == N_KINDS)
		return unknown("kind", name, len, err);
	o->view.kinds |= 1u << kind;
	return 0;
}

static int set_kind(struct options *o, const char *arg, struct error *err)
{
	return for_each_item(arg, add_kind, o, err);
}

static bool parse_address(const char *text, size_t len, uint64_t *ret)
{
	_cleanup_free_ char *copy = mem_copy(text, len);
	const char *digits = copy[0] == '0' && (copy[1] == 'x' || copy[1] == 'X') ? copy + 2 : copy;

	/* strtoull would take a second 0x. */
	return digits[0] && digits[strspn(digits, "0123456789abcdefABCDEF")] == '\0' &&
	       text_parse_u64(digits, 16, ret);
}

/* As in pmap -A: one address, or the first and the last, each of which may be left out. */
static int set_range(struct options *o, const char *arg, struct error *err)
{
	size_t len = strcspn(arg, ",");
	const char *high = arg[len] == ',' ? arg + len + 1 : NULL;
	struct view_spec *view = &o->view;
	bool ok = true;

	view->low = 0;
	if (len > 0 || !high)
		ok = parse_address(arg, len, &view->low);
	view->high = view->low;
	if (high && *high == '\0')
		view->high = UINT64_MAX;
	else if (high)
		ok = ok && parse_address(high, strlen(high), &view->high);
	if (!ok || view->high < view->low)
		return unknown("range", arg, strlen(arg), err);
	view->has_range = true;
	return 0;
}

static const struct {
	char letter;
	unsigned bit;
	size_t place;
} perm_letters[] = { { 'r', PERM_R, 0 }, { 'w', PERM_W, 1 }, { 'x', PERM_X, 2 }, { 's', PERM_SHARED, 3 } };

/* One character of a pattern with places: the letter, the lack of it, or anything. */
static bool set_place(struct view_spec *view, size_t place, char c)
{
	unsigned bit = perm_letters[place].bit;

	if (c == '?')
		return true;
	view->perms_mask |= bit;
	if (c == perm_letters[place].letter)
		view->perms |= bit;
	else if (c != (place == 3 ? 'p' : '-'))
		return false;
	return true;
}

/* "r-xp", "?w?" by place; "wx": these letters, whatever the others. */
static int set_perms(struct options *o, const char *arg, struct error *err)
{
	size_t len = strlen(arg);
	bool has_places = len == 4 || strpbrk(arg, "-?");
	bool ok = len > 0 && len <= 4 && (!has_places || len >= 3);

	o->view.perms = o->view.perms_mask = 0;
	for (size_t i = 0; ok && i < len; i++) {
		size_t place = i;

		if (!has_places)
			for (place = 0; place < 4; place++)
				if (arg[i] == perm_letters[place].letter || (place == 3 && arg[i] == 'p'))
					break;
		ok = place < 4 && set_place(&o->view, place, arg[i]);
	}
	return ok ? 0 : unknown("access pattern", arg, len, err);
}

static int set_sort(struct options *o, const char *arg, struct error *err)
{
	const char *name = arg + (*arg == '-');

	o->view.is_descending = *arg == '-';
	o->view.sort = column_find(name, strlen(name));
	return o->view.sort ? 0 : unknown("column", name, strlen(name), err);
}

static int set_colour(struct options *o, const char *arg, struct error *err)
{
	static const char *const modes[] = {
		[COLOUR_AUTO] = "auto",
		[COLOUR_ALWAYS] = "always",
		[COLOUR_NEVER] = "never",
	};

	o->colour = COLOUR_ALWAYS;
	for (size_t i = 0; arg && i <= ARRAY_SIZE(modes); i++) {
		if (i == ARRAY_SIZE(modes))
			return unknown("colour mode", arg, strlen(arg), err);
		if (strcmp(arg, modes[i]) == 0) {
			o->colour = (enum colour_mode)i;
			break;
		}
	}
	return 0;
}

/* ---- the table ---- */

enum arg { ARG_NONE = no_argument, ARG_REQUIRED = required_argument, ARG_OPTIONAL = optional_argument };

static const struct option_info {
	char letter; /* 0: has none */
	const char *name;
	enum arg arg;
	const char *arg_name;
	int (*set)(struct options *, const char *arg, struct error *);
	const char *help;
	const char *group; /* a heading that begins here */
} option_table[] = {
	{ 'u', "user", ARG_REQUIRED, "USER", set_user, "of processes of a name, only this user's",
	  "Targets" },
	{ 0, "procfs", ARG_REQUIRED, "DIR", set_procfs, "read processes below DIR, not /proc", NULL },

	{ 'x', "extended", ARG_NONE, NULL, set_extended, "also RSS, PSS, DIRTY and SWAP", "What is shown" },
	{ 'X', "extra-extended", ARG_NONE, NULL, set_every_figure, "also every figure the kernel gives",
	  NULL },
	{ 's', "summary", ARG_NONE, NULL, set_summary, "a row a kind, costs to the kernel, and limits",
	  NULL },
	{ 'e', "explain", ARG_NONE, NULL, set_explain, "say of each row in a sentence what it is", NULL },
	{ 't', "threads", ARG_NONE, NULL, set_threads, "a row a thread, with its stack", NULL },
	{ 0, "pages", ARG_NONE, NULL, set_pages, "the state of the pages, with --range or --kind", NULL },
	{ 'k', "kind", ARG_REQUIRED, "LIST", set_kind, "only these kinds of memory", NULL },
	{ 'A', "range", ARG_REQUIRED, "LOW[,HIGH]", set_range, "only what holds an address in this range",
	  NULL },
	{ 0, "perms", ARG_REQUIRED, "PATTERN", set_perms, "only this access: letters (wx) or places (?w-p)",
	  NULL },
	{ 0, "name", ARG_REQUIRED, "GLOB", set_name, "only names, or ends of paths, that match", NULL },
	{ 0, "sort", ARG_REQUIRED, "[-]COLUMN", set_sort, "sort by COLUMN; with -, from high to low", NULL },

	{ 'o', "output", ARG_REQUIRED, "LIST", set_output, "show these columns; +LIST: beside the usual ones",
	  "Output" },
	{ 0, "output-all", ARG_NONE, NULL, set_output_all, "show all columns", NULL },
	{ 'J', "json", ARG_NONE, NULL, set_json, "print JSON", NULL },
	{ 'r', "raw", ARG_NONE, NULL, set_raw, "print rows for scripts: escaped, one blank apart", NULL },
	{ 'n', "noheadings", ARG_NONE, NULL, set_no_headings, "print rows without headings or totals", NULL },
	{ 'b', "bytes", ARG_NONE, NULL, set_bytes, "print sizes in bytes", NULL },
	{ 0, "color", ARG_OPTIONAL, "WHEN", set_colour, "colour kinds: auto (in a terminal), always, never",
	  NULL },
	{ 0, "no-truncate", ARG_NONE, NULL, set_no_truncate, "do not shorten names to fit the terminal",
	  NULL },

	{ 'H', "list-columns", ARG_NONE, NULL, set_list_columns, "list the columns and end", "General" },
	{ 'h', "help", ARG_NONE, NULL, set_help, "print this help and end", NULL },
	{ 'V', "version", ARG_NONE, NULL, set_version, "print the version and end", NULL },
};

#define N_OPTIONS ARRAY_SIZE(option_table)
#define LONG_ONLY 256 /* getopt's value of an option is this plus its index */

static void fill_getopt(char *letters, struct option *longs)
{
	*letters++ = ':'; /* errors are ours to report */
	for (size_t i = 0; i < N_OPTIONS; i++) {
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
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (option_table[i].letter == value)
			return &option_table[i];
	return NULL;
}

/* What getopt has just refused, in words. `word` is the argument that it was looking at. */
static int refuse(int value, const char *word, struct error *err)
{
	const struct option_info *info = optopt ? find_option(optopt) : NULL;
	const char letter[] = { '-', (char)optopt, '\0' };
	/* A byte that is no letter of ASCII may be negative. */
	const char *shown = optopt != 0 && optopt < LONG_ONLY ? letter : word;

	if (value == ':')
		return error_set(err, -EINVAL, "option '%.64s' needs an argument", shown);
	if (info)
		return error_set(err, -EINVAL, "option '--%s' takes no argument", info->name);
	return error_set(err, -EINVAL, "unknown option '%.64s'", shown);
}

static bool ends_at_once(const struct options *o)
{
	return o->action != ACTION_SHOW;
}

int options_parse(struct options *o, int argc, char **argv, struct error *err)
{
	char letters[2 * N_OPTIONS + 2];
	struct option longs[N_OPTIONS + 1] = { 0 };
	int value;
	int r = 0;

	*o = (struct options){ .procfs = "/proc", .base = DEFAULT_COLUMNS, .has_base = true };
	fill_getopt(letters, longs);
	while (r == 0 && !ends_at_once(o) && (value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct option_info *info = value == '?' || value == ':' ? NULL : find_option(value);

		r = info ? info->set(o, optarg, err) : refuse(value, argv[optind - 1], err);
	}
	o->targets = argv + optind;
	if (r == 0)
		r = set_base(o, err);
	if (r == 0 && !ends_at_once(o) && !*o->targets)
		r = error_set(err, -EINVAL, "which process? give a PID or a name");
	if (r == 0 && o->explained && o->mode != VIEW_REGIONS && !o->json)
		r = error_set(err, -EINVAL, "--explain goes with regions, not with another view of them");
	/* All pages of a process are too many to read, for the process and for the reader. */
	if (r == 0 && o->mode == VIEW_PAGES && !o->view.has_range && !o->view.kinds)
		r = error_set(err, -EINVAL, "--pages of what? add --range or --kind");
	return r;
}

void options_done(struct options *o)
{
	free(o->columns);
	*o = (struct options){ 0 };
}

unsigned options_needs(const struct options *o)
{
	unsigned needs = o->view.sort ? o->view.sort->needs : 0;

	for (size_t i = 0; i < o->n_columns; i++)
		needs |= o->columns[i]->needs;
	return needs;
}

static uint64_t column_figure(const struct column *column)
{
	return column && column->needs & NEED_FIGURE ? FIGURE_BIT(column->figure) : 0;
}

uint64_t options_figures(const struct options *o)
{
	uint64_t wanted = column_figure(o->view.sort);

	for (size_t i = 0; i < o->n_columns; i++)
		wanted |= column_figure(o->columns[i]);
	return wanted;
}

/* ---- help ---- */

static void print_option(FILE *file, const struct option_info *info)
{
	char left[64];
	bool is_optional = info->arg == ARG_OPTIONAL;

	snprintf(left, sizeof(left), "%c%c%c --%s%s%s%s", info->letter ? '-' : ' ',
		 info->letter ? info->letter : ' ', info->letter ? ',' : ' ', info->name,
		 info->arg_name ? (is_optional ? "[=" : "=") : "", info->arg_name ? info->arg_name : "",
		 is_optional ? "]" : "");
	fprintf(file, "  %-26s %s\n", left, info->help);
}

void options_print_columns(FILE *file)
{
	for (size_t i = 0; i < n_region_columns; i++)
		fprintf(file, "%-15s %s\n", region_columns[i].name, region_columns[i].help);
}

void options_print_help(FILE *file)
{
	fputs("Usage: memmap [OPTION]... TARGET...\n"
	      "Says what every byte of a process's address space is.\n"
	      "\n"
	      "A TARGET is a PID, or a name: every process that is called so.\n",
	      file);
	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (option_table[i].group)
			fprintf(file, "\n%s:\n", option_table[i].group);
		print_option(file, &option_table[i]);
	}
	fputs("\nColumns:\n", file);
	for (size_t i = 0; i < n_region_columns; i++)
		fprintf(file, "  %-15s %s\n", region_columns[i].name, region_columns[i].help);
	fputs("\nKinds:\n", file);
	for (enum kind k = 0; k < N_KINDS; k++)
		fprintf(file, "  %-15s %s\n", kinds[k].name, kinds[k].help);
	fputs("\nExit status: 0 all shown; 1 a target could not be; 2 usage; 3 shown in part.\n"
	      "See memmap(1).\n",
	      file);
}
