/* SPDX-License-Identifier: MIT */
#include "front/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "elf/demangle.h"
#include "front/nearest.h"
#include "inspect/query.h"
#include "unwind/read_frames.h"
#include "views/processes.h"

enum arg { ARG_NONE = no_argument, ARG_REQUIRED = required_argument, ARG_OPTIONAL = optional_argument };

struct option_info {
	char letter; /* 0: has none */
	const char *name;
	enum arg arg;
	const char *arg_name;
	/* `arg` is NULL where there is none. */
	int (*set)(struct options *, const struct option_info *, const char *arg, struct error *);
	size_t member; /* of struct options, for those that set just one; */
	union {	       /* what they set, or show */
		enum action action;
		enum width width;
		const struct view_info *view;
	};
	const char *help;  /* NULL: it is that of the option before it */
	const char *group; /* a heading that begins here */
};

/* ---- what each option does ---- */

#define MEMBER(o, info, type) ((type *)(void *)((char *)(o) + (info)->member))

static int set_flag(struct options *o, const struct option_info *info, const char *arg _unused_,
		    struct error *err _unused_)
{
	*MEMBER(o, info, bool) = true;
	return 0;
}

static int set_text(struct options *o, const struct option_info *info, const char *arg,
		    struct error *err _unused_)
{
	*MEMBER(o, info, const char *) = arg;
	return 0;
}

static int set_action(struct options *o, const struct option_info *info, const char *arg _unused_,
		      struct error *err _unused_)
{
	o->action = info->action;
	return 0;
}

static int set_help(struct options *o, const struct option_info *info _unused_, const char *arg,
		    struct error *err)
{
	static const struct {
		const char *topic;
		enum action action;
	} topics[] = { { "columns", ACTION_HELP_COLUMNS }, { "kinds", ACTION_HELP_KINDS } };

	o->action = ACTION_HELP;
	for (size_t i = 0; arg && o->action == ACTION_HELP; i++) {
		if (i == ARRAY_SIZE(topics))
			return error_set(err, -EINVAL,
					 "no help on '%.64s': --help, --help=columns or --help=kinds", arg);
		if (strcmp(arg, topics[i].topic) == 0)
			o->action = topics[i].action;
	}
	return 0;
}

static int set_width(struct options *o, const struct option_info *info, const char *arg _unused_,
		     struct error *err _unused_)
{
	o->width = info->width;
	return 0;
}

static int set_view(struct options *o, const struct option_info *info, const char *arg _unused_,
		    struct error *err)
{
	if (o->view != &view_regions && o->view != info->view)
		return error_set(err, -EINVAL, "%s and %s are two views: one at a time", o->view->option,
				 info->view->option);
	o->view = info->view;
	return 0;
}

static int unknown(const char *what, const char *name, size_t len, struct error *err)
{
	return error_set(err, -EINVAL, "unknown %s '%.*s'", what, (int)MIN(len, 64), name);
}

/* With what was meant, or, where nothing is near, with what helps. `of` may be empty. */
static int unknown_but(const char *what, const struct nearest *nearest, const char *of, const char *help,
		       struct error *err)
{
	int len = (int)MIN(nearest->len, 64);

	if (*nearest->best)
		return error_set(err, -EINVAL, "unknown %s '%.*s'%s; did you mean '%s'?", what, len,
				 nearest->word, of, nearest->best);
	return error_set(err, -EINVAL, "unknown %s '%.*s'%s; %s", what, len, nearest->word, of, help);
}

static int set_at(struct options *o, const struct option_info *info, const char *arg, struct error *err)
{
	if (!query_is_valid(arg))
		return unknown("address", arg, strlen(arg), err);
	mem_grow(o->queries, o->n_queries, o->cap_queries);
	o->queries[o->n_queries++] = arg;
	return set_view(o, info, arg, err);
}

static int set_frames(struct options *o, const struct option_info *info, const char *arg, struct error *err)
{
	uint64_t tid;

	if (!can_read_frames)
		return error_set(err, -ENOTSUP, "this build has no --frames: it was made without libdw");
	if (arg && (!text_parse_u64(arg, 10, &tid) || tid == 0 || tid > INT32_MAX))
		return unknown("thread", arg, strlen(arg), err);
	if (arg)
		o->frames_tid = (int32_t)tid;
	return set_view(o, info, arg, err);
}

/* What is shown is settled when all options are known: a view brings its own columns. */
static int set_output(struct options *o, const struct option_info *info _unused_, const char *arg,
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

static int set_output_all(struct options *o, const struct option_info *info _unused_,
			  const char *arg _unused_, struct error *err _unused_)
{
	o->n_lists = 0;
	o->wants_all_columns = true;
	return 0;
}

#define BLANKS " \t\n"

/* Calls `add` for each item of a list with commas or blanks. */
static int for_each_item(const char *list, int (*add)(struct options *, const char *, size_t, struct error *),
			 struct options *o, struct error *err)
{
	bool is_last;
	int r;

	do {
		size_t len;

		list += strspn(list, BLANKS);
		len = strcspn(list, "," BLANKS);
		r = add(o, list, len, err);
		list += len;
		list += strspn(list, BLANKS);
		is_last = *list == '\0';
		list += *list == ',';
	} while (r == 0 && !is_last);
	return r;
}

static int unknown_kind(const char *name, size_t len, struct error *err)
{
	char list[256] = "kinds are:";
	struct nearest nearest;

	nearest_init(&nearest, name, len);
	for (enum kind k = 0; k < N_KINDS; k++) {
		nearest_try(&nearest, kinds[k].name);
		strcat(list, k == 0 ? " " : ", ");
		strcat(list, kinds[k].name);
	}
	return unknown_but("kind", &nearest, "", list, err);
}

static int add_kind(struct options *o, const char *name, size_t len, struct error *err)
{
	enum kind kind = kind_find(name, len);

	if (kind == N_KINDS)
		return unknown_kind(name, len, err);
	o->spec.selection.kinds |= 1u << kind;
	return 0;
}

static int set_kind(struct options *o, const struct option_info *info _unused_, const char *arg,
		    struct error *err)
{
	return for_each_item(arg, add_kind, o, err);
}

/*
 * As in pmap -A: one address, or the first and the last, each of which may be left out; or a range as maps
 * has it, where the second address is the one after the last.
 */
static int set_range(struct options *o, const struct option_info *info _unused_, const char *arg,
		     struct error *err)
{
	size_t len = strcspn(arg, ",-");
	const char *high = arg[len] ? arg + len + 1 : NULL;
	bool is_half_open = arg[len] == '-';
	struct selection *selection = &o->spec.selection;
	bool ok = true;

	selection->low = 0;
	if (len > 0 || !high || is_half_open)
		ok = query_address(arg, len, &selection->low);
	selection->high = selection->low;
	if (high && *high == '\0' && !is_half_open)
		selection->high = UINT64_MAX;
	else if (high)
		ok = ok && query_address(high, strlen(high), &selection->high);
	if (!ok)
		return error_set(err, -EINVAL,
				 "unknown range '%.64s': an address in hexadecimal, LOW,HIGH or START-END",
				 arg);
	if (is_half_open && selection->high == selection->low)
		return error_set(err, -EINVAL, "range '%.64s' is empty", arg);
	selection->high -= is_half_open;
	if (selection->high < selection->low)
		return error_set(err, -EINVAL, "range '%.64s': LOW is above HIGH", arg);
	selection->has_range = true;
	return 0;
}

/* pmap's -p takes none, but a PID follows it there as well. */
static int set_pid(struct options *o, const struct option_info *info _unused_, const char *arg,
		   struct error *err)
{
	if (!*arg || arg[strspn(arg, "0123456789,")])
		return error_set(err, -EINVAL, "--pid takes PIDs, separated by commas: '%.64s' is none", arg);
	mem_grow(o->pids, o->n_pids, o->cap_pids);
	o->pids[o->n_pids++] = arg;
	return 0;
}

static const struct {
	char letter;
	unsigned bit;
	size_t position;
} perm_letters[] = { { 'r', PERM_R, 0 }, { 'w', PERM_W, 1 }, { 'x', PERM_X, 2 }, { 's', PERM_SHARED, 3 } };

/* One character of a pattern with places: the letter, the lack of it, or anything. */
static bool set_position(struct selection *selection, size_t position, char c)
{
	unsigned bit = perm_letters[position].bit;

	if (c == '?')
		return true;
	selection->perms_mask |= bit;
	if (c == perm_letters[position].letter)
		selection->perms |= bit;
	else if (c != (position == 3 ? 'p' : '-'))
		return false;
	return true;
}

/* "r-xp", "?w?" by place; "wx": these letters, whatever the others. */
static int set_perms(struct options *o, const struct option_info *info _unused_, const char *arg,
		     struct error *err)
{
	size_t len = strlen(arg);
	bool has_lookups = len == 4 || strpbrk(arg, "-?");
	bool ok = len > 0 && len <= 4 && (!has_lookups || len >= 3);

	o->spec.selection.perms = o->spec.selection.perms_mask = 0;
	for (size_t i = 0; ok && i < len; i++) {
		size_t position = i;

		if (!has_lookups)
			for (position = 0; position < 4; position++)
				if (arg[i] == perm_letters[position].letter ||
				    (position == 3 && arg[i] == 'p'))
					break;
		ok = position < 4 && set_position(&o->spec.selection, position, arg[i]);
	}
	if (ok)
		return 0;
	return error_set(
		err, -EINVAL,
		"unknown access pattern '%.64s': letters of rwxsp that must be set (wx), or four places "
		"(r-xp, ?w?p)",
		arg);
}

static int set_group(struct options *o, const struct option_info *info _unused_, const char *arg,
		     struct error *err)
{
	for (size_t i = GROUP_COMMAND; i < N_GROUPINGS; i++)
		if (strcasecmp(arg, grouping_names[i]) == 0) {
			o->group = (enum grouping)i;
			return 0;
		}
	return error_set(err, -EINVAL, "unknown group '%.64s': command, user, cgroup or container", arg);
}

static int set_colour(struct options *o, const struct option_info *info _unused_, const char *arg,
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

#define INTERVAL_MS 2000 /* as watch(1) has it */
#define INTERVAL_MIN_MS 100
#define INTERVAL_MAX_MS UINT64_C(86400000)

/* SECONDS, with a fraction if need be. */
static int set_watch(struct options *o, const struct option_info *info _unused_, const char *arg,
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
		return error_set(err, -EINVAL, "--watch takes seconds, from 0.1 to a day: not '%.64s'", arg);
	o->interval = (uint64_t)(seconds * 1000 + 0.5);
	return 0;
}

static int set_count(struct options *o, const struct option_info *info _unused_, const char *arg,
		     struct error *err)
{
	if (!text_parse_u64(arg, 10, &o->n_rounds) || o->n_rounds == 0)
		return error_set(err, -EINVAL, "--count takes a number from 1 on: not '%.64s'", arg);
	return 0;
}

/* Bytes, or with a suffix in powers of 1024, as tables have them. */
static int set_growth(struct options *o, const struct option_info *info _unused_, const char *arg,
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

/* ---- the table ---- */

#define FLAG(name) .set = set_flag, .member = offsetof(struct options, name)
#define TEXT(name) .set = set_text, .member = offsetof(struct options, name)
#define VIEW(name) .set = set_view, .view = &view_##name

/* In the order of --help, where `group` is a heading that begins with its option. */
static const struct option_info option_table[] = {
	{ 'p', "pid", ARG_REQUIRED, "LIST", .set = set_pid, .help = "these processes, by PID",
	  .group = "Targets" },
	{ 'u', "user", ARG_REQUIRED, "USER", TEXT(user),
	  .help = "with names and --all, only processes of USER" },
	{ 0, "cgroup", ARG_REQUIRED, "GLOB", TEXT(cgroup),
	  .help = "with --all, only processes of cgroups that match" },
	{ 0, "procfs", ARG_REQUIRED, "DIR", TEXT(procfs), .help = "read processes below DIR, not /proc" },
	{ 0, "sysroot", ARG_REQUIRED, "DIR", TEXT(sysroot),
	  .help = "look below DIR for the files of a core file" },
	{ 'a', "all", FLAG(all), .view = &view_processes,
	  .help = "all processes, a row each, or another view of each", .group = "Views" },
	{ 's', "summary", VIEW(summary), .help = "one row per kind, kernel memory, and limits" },
	{ 'm', "modules", VIEW(modules), .help = "one row per program or library" },
	{ 'S', "sections", VIEW(sections), .help = "one row per ELF section or other region" },
	{ 0, "at", ARG_REQUIRED, "ADDR", .set = set_at, .view = &view_at,
	  .help = "what is at an address or symbol; repeatable" },
	{ 't', "threads", VIEW(threads), .help = "one row per thread, with its stack" },
	{ 0, "frames", ARG_OPTIONAL, "TID", .set = set_frames, .view = &view_frames,
	  .help = "stop a thread for a moment, show its stack frames" },
	{ 0, "heap", VIEW(heap), .help = "what malloc's heap holds: used, free, returnable" },
	{ 0, "pages", VIEW(pages), .help = "the state of pages; needs --range or --kind" },
	{ 'd', "diff", VIEW(changes), .help = "what differs between two targets, OLD and NEW" },
	{ 'w', "watch", ARG_OPTIONAL, "SECONDS", .set = set_watch, .help = "show the view again and again",
	  .group = "What is shown" },
	{ 0, "count", ARG_REQUIRED, "N", .set = set_count, .help = "with --watch: see memmap(1)" },
	{ 0, "on-growth", ARG_REQUIRED, "SIZE", .set = set_growth },
	{ 0, "save", ARG_REQUIRED, "FILE", TEXT(save_path) },
	{ 0, "group", ARG_REQUIRED, "COLUMN", .set = set_group,
	  .help = "sum up by command, user, cgroup or container" },
	{ 'x', "extended", .set = set_width, .width = WIDTH_EXTENDED,
	  .help = "RSS, PSS, DIRTY, SWAP; or every figure" },
	{ 'X', "extra-extended", .set = set_width, .width = WIDTH_EVERY_COUNTER },
	{ 'C', "demangle", FLAG(spec.demangles), .help = "make C++ and Rust names readable" },
	{ 0, "debuginfod", FLAG(wants_debuginfod), .help = "ask servers for debug files" },
	{ 'e', "explain", FLAG(explained), .help = "explain each row in a sentence" },
	{ 'k', "kind", ARG_REQUIRED, "LIST", .set = set_kind, .help = "only these kinds of memory" },
	{ 'A', "range", ARG_REQUIRED, "LOW[,HIGH]", .set = set_range,
	  .help = "only what holds an address in this range" },
	{ 0, "perms", ARG_REQUIRED, "PATTERN", .set = set_perms,
	  .help = "only with this access: wx, or by place ?w-p" },
	{ 0, "name", ARG_REQUIRED, "GLOB", TEXT(spec.selection.name),
	  .help = "only names, or ends of paths, that match" },
	{ 0, "sort", ARG_REQUIRED, "[-]COLUMN,...", TEXT(sort),
	  .help = "sort by COLUMN; - sorts from high to low" },
	{ 'o', "output", ARG_REQUIRED, "LIST", .set = set_output,
	  .help = "show these columns; +LIST adds to the usual ones", .group = "Output" },
	{ 0, "output-all", .set = set_output_all, .help = "show all columns" },
	{ 'J', "json", FLAG(json), .help = "print JSON" },
	{ 0, "openmetrics", FLAG(openmetrics), .help = "print metrics of processes, for Prometheus" },
	{ 0, "output-file", ARG_REQUIRED, "FILE", TEXT(output_file),
	  .help = "write to FILE, replacing it in one step" },
	{ 'r', "raw", FLAG(raw), .help = "for scripts: escaped, one blank between cells" },
	{ 'n', "noheadings", FLAG(no_headings), .help = "print only rows: no headings, no totals" },
	{ 'q', "quiet", FLAG(no_headings) },
	{ 'b', "bytes", FLAG(bytes), .help = "print sizes in bytes" },
	{ 0, "color", ARG_OPTIONAL, "WHEN", .set = set_colour,
	  .help = "colour kinds: auto (in a terminal), always, never" },
	{ 0, "no-truncate", FLAG(no_truncate), .help = "do not fit rows into the terminal" },
	{ 'H', "list-columns", .set = set_action, .action = ACTION_LIST_COLUMNS,
	  .help = "list the columns of the view and exit", .group = "General" },
	{ 'h', "help", ARG_OPTIONAL, "TOPIC", .set = set_help,
	  .help = "print this, or TOPIC: columns, kinds" },
	{ 'V', "version", .set = set_action, .action = ACTION_VERSION, .help = "print the version and exit" },
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
static int refuse_letter_or_argument(int value, const char *word, struct error *err)
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

/* A word that is the beginning of several options, or of none. */
static int refuse_word(const char *word, struct error *err)
{
	size_t len = strcspn(word, "=");
	char list[256] = "";
	struct nearest nearest;
	size_t n = 0;

	nearest_init(&nearest, word + 2, len - 2);
	for (size_t i = 0; i < N_OPTIONS; i++) {
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
		return unknown("option", word, len, err);
	return error_set(err, -EINVAL, "unknown option '%.*s'; did you mean '--%s'?", (int)MIN(len, 64), word,
			 nearest.best);
}

static int refuse(int value, const char *word, struct error *err)
{
	return value == '?' && optopt == 0 ? refuse_word(word, err) :
					     refuse_letter_or_argument(value, word, err);
}

/* Asked for help, whatever else is wrong does not matter. */
static bool ends_at_once(const struct options *o)
{
	return o->action != ACTION_SHOW && o->action != ACTION_LIST_COLUMNS;
}

/* ---- what it all comes to ---- */

static bool has_column(const struct options *o, const struct column *column)
{
	for (size_t i = 0; i < o->n_columns; i++)
		if (o->columns[i] == column)
			return true;
	return false;
}

static void add_column(struct options *o, const struct column *column)
{
	mem_grow(o->columns, o->n_columns, o->cap_columns);
	o->columns[o->n_columns++] = column;
}

static int unknown_column(const struct options *o, const char *name, size_t len, struct error *err)
{
	const char *view = o->view->option ? o->view->option : "";
	char of[32] = "";
	char help[96];
	struct nearest nearest;

	nearest_init(&nearest, name, len);
	for (const struct column *column = o->view->columns; column->name; column++)
		nearest_try(&nearest, column->name);
	if (*view)
		snprintf(of, sizeof(of), " of %s", view);
	snprintf(help, sizeof(help), "see memmap%s%s --list-columns", *view ? " " : "", view);
	return unknown_but("column", &nearest, of, help, err);
}

/* JSON has the regions with most views that are made of them, and so their columns say what to read for it. */
static bool shows_regions(const struct options *o)
{
	return o->json && o->view->json_parts & JSON_REGIONS;
}

static int find_column(const struct options *o, const char *name, size_t len, const struct column **ret,
		       struct error *err)
{
	*ret = column_find(o->view->columns, name, len);
	if (!*ret && shows_regions(o))
		*ret = column_find(view_regions.columns, name, len);
	return *ret ? 0 : unknown_column(o, name, len, err);
}

static int add_column_named(struct options *o, const char *name, size_t len, struct error *err)
{
	const struct column *column;
	int r = find_column(o, name, len, &column, err);

	if (r == 0)
		add_column(o, column);
	return r;
}

/* What was shown before comes first. */
static int add_missing_column(struct options *o, const char *name, size_t len, struct error *err)
{
	const struct column *column;
	int r = find_column(o, name, len, &column, err);

	if (r == 0 && !has_column(o, column))
		add_column(o, column);
	return r;
}

/* The view whose lists of columns count. */
static const struct view_info *listed_view(const struct options *o)
{
	return shows_regions(o) ? &view_regions : o->view;
}

/* Of such a list, where a word may stand for all counters. */
static int add_usual_column(struct options *o, const char *name, size_t len, struct error *err)
{
	if (strncmp(name, ALL_COUNTERS, len) != 0)
		return add_column_named(o, name, len, err);
	for (const struct column *column = listed_view(o)->columns; column->name; column++)
		if (column->needs & NEED_COUNTER)
			add_column(o, column);
	return 0;
}

static const char *usual_columns(const struct options *o)
{
	const struct view_info *view = listed_view(o);
	const char *const lists[] = {
		[WIDTH_USUAL] = view->usual,
		[WIDTH_EXTENDED] = view->extended,
		[WIDTH_EVERY_COUNTER] = view->every,
	};

	return lists[o->width];
}

bool options_has_every_column(const struct options *o)
{
	return o->wants_all_columns || (o->width == WIDTH_EVERY_COUNTER && !o->has_own_columns);
}

static int settle_columns(struct options *o, struct error *err)
{
	int r = 0;

	if (!usual_columns(o))
		return error_set(err, -EINVAL, "-x and -X do not go with %s", o->view->option);
	if (o->wants_all_columns)
		for (const struct column *column = o->view->columns; column->name; column++)
			add_column(o, column);
	else if (!o->has_own_columns)
		r = for_each_item(usual_columns(o), add_usual_column, o, err);
	o->n_yielding = o->has_own_columns || options_has_every_column(o) ? 0 : o->n_columns;
	for (size_t i = 0; r == 0 && i < o->n_lists; i++) {
		const char *list = o->lists[i];

		if (*list != '+')
			r = for_each_item(list, add_column_named, o, err);
		else
			r = for_each_item(list + 1, add_missing_column, o, err);
	}
	return r;
}

static int add_sort_key(struct options *o, const char *name, size_t len, struct error *err)
{
	struct sort_key *key = &o->spec.sort[o->spec.n_sort];

	if (o->spec.n_sort == SORT_KEYS_MAX)
		return error_set(err, -EINVAL, "--sort takes at most %d columns", SORT_KEYS_MAX);
	key->is_descending = *name == '-';
	key->column = column_find(o->view->columns, name + key->is_descending, len - key->is_descending);
	o->spec.n_sort++;
	if (key->column)
		return 0;
	return unknown_column(o, name + key->is_descending, len - key->is_descending, err);
}

static int settle_sort(struct options *o, struct error *err)
{
	const char *list = o->sort ? o->sort : o->view->sort;

	return list ? for_each_item(list, add_sort_key, o, err) : 0;
}

static bool is_narrowed(const struct selection *selection)
{
	return selection->kinds || selection->has_range || selection->perms_mask || selection->name;
}

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
		return error_set(err, -EINVAL, "--count, --on-growth and --save go with --watch");
	if (o->watches && o->view->n_targets > 0)
		return error_set(err, -EINVAL, "--watch does not go with %s", o->view->option);
	if (o->watches && (o->all || o->view->lists_processes || o->output_file))
		return error_set(err, -EINVAL, "--watch does not go with --all and --output-file");
	if (o->watches && count_targets(o) != 1)
		return error_set(err, -EINVAL, "--watch takes one target");
	if ((o->growth != 0) != (o->save_path != NULL))
		return error_set(err, -EINVAL, "--on-growth=SIZE and --save=FILE go together");
	return 0;
}

/* What cannot be done is refused, and nothing that was asked for is passed over. */
static int check(const struct options *o, struct error *err)
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
	if (o->explained && !(o->json ? shows_regions(o) : o->view->explanation != NULL))
		return error_set(err, -EINVAL, "--explain does not go with %s", o->view->option);
	if ((o->spec.demangles || o->wants_debuginfod) && !o->view->has_symbols)
		return error_set(
			err, -EINVAL,
			"--demangle and --debuginfod go with a view that shows symbols: --at, --frames");
	if (o->spec.demangles && !can_demangle())
		return error_set(err, -EINVAL, "no --demangle: this memmap was built without libiberty");
	if (o->view->lists_processes && is_narrowed(&o->spec.selection))
		return error_set(
			err, -EINVAL,
			"--kind, --range, --perms and --name select regions: add a view of regions to "
			"--all, such as --sections");
	if (o->view->not_regions && is_narrowed(&o->spec.selection))
		return error_set(err, -EINVAL, "--kind, --range, --perms and --name do not go with %s",
				 o->view->option);
	/* An object has no order. */
	if (o->json && o->sort && o->view->collect && !o->view->array)
		return error_set(err, -EINVAL, "--sort does not go with --json and %s", o->view->option);
	/* All pages of a process are too many to read, for the process and for the reader. */
	if (o->view->is_expensive && !o->spec.selection.has_range && !o->spec.selection.kinds)
		return error_set(err, -EINVAL, "%s needs --range or --kind", o->view->option);
	return 0;
}

static int settle(struct options *o, struct error *err)
{
	int r;

	if (o->openmetrics && !o->group)
		o->group = GROUP_COMMAND;
	if ((o->all || o->openmetrics) && o->view == &view_regions)
		o->view = o->group ? &views_of_groups[o->group] : &view_processes;
	r = settle_columns(o, err);
	if (r == 0)
		r = settle_sort(o, err);
	o->spec.collect = o->view->collect;
	if (r == 0 && o->action == ACTION_SHOW)
		r = check(o, err);
	return r == 0 && o->action == ACTION_SHOW ? check_watch(o, err) : r;
}

/* First those of --pid. */
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
	char letters[2 * N_OPTIONS + 2];
	struct option longs[N_OPTIONS + 1] = { 0 };
	int value;
	int r = 0;

	*o = (struct options){ .procfs = "/proc", .view = &view_regions, .frames_tid = NO_TID };
	fill_getopt(letters, longs);
	while (r == 0 && !ends_at_once(o) && (value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct option_info *info = value == '?' || value == ':' ? NULL : find_option(value);

		r = info ? info->set(o, info, optarg, err) : refuse(value, argv[optind - 1], err);
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
	settle_columns(ret, &err);
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

/* What is in JSON whatever columns there are. */
static unsigned json_needs(const struct view_info *view)
{
	unsigned needs = NEED_LIMITS;

	if (view->lists_processes)
		return NEED_SIZES_BY_KIND | NEED_CGROUP;
	if (view->json_parts & JSON_REGIONS)
		needs |= NEED_FILE_STATE | NEED_ARENA_USERS | NEED_VDSO;
	if (view->json_parts & JSON_MODULES || view == &view_modules)
		needs |= NEED_FILE_STATE | NEED_VDSO | NEED_BUILD_ID;
	if (view->json_parts & JSON_THREADS)
		needs |= NEED_THREADS | NEED_ARENA_USERS;
	if (view == &view_at)
		needs |= NEED_FILE_STATE | NEED_ARENA_USERS;
	return needs;
}

/* What is shown: of a table, its rows; of JSON, what the view has in it. */
static unsigned parts_of(const struct options *o)
{
	const struct view_info *view = o->view;
	unsigned own = view == &view_modules ? JSON_MODULES :
		       view == &view_threads ? JSON_THREADS :
		       view == &view_summary ? JSON_TOTALS :
					       view->json_parts & JSON_REGIONS;

	return o->json ? own | view->json_parts : own;
}

static unsigned needs_of(const struct options *o)
{
	unsigned needs = o->view->needs;

	for (size_t i = 0; i < o->spec.n_sort; i++)
		needs |= o->spec.sort[i].column->needs;
	for (size_t i = 0; i < o->n_columns; i++)
		needs |= o->columns[i]->needs;
	if (o->json)
		needs |= json_needs(o->view);
	if (o->openmetrics)
		needs |= NEED_SIZES_BY_KIND;
	if (o->cgroup)
		needs |= NEED_CGROUP;
	if (o->explained)
		needs |= NEED_LIMITS | NEED_ARENA_USERS;
	return needs;
}

static uint64_t column_counter(const struct column *column)
{
	return column->needs & NEED_COUNTER ? COUNTER_BIT(column->counter) : 0;
}

static uint64_t counters_of(const struct options *o)
{
	uint64_t wanted = 0;

	for (size_t i = 0; i < o->spec.n_sort; i++)
		wanted |= column_counter(o->spec.sort[i].column);
	for (size_t i = 0; i < o->n_columns; i++)
		wanted |= column_counter(o->columns[i]);
	return wanted;
}

struct request options_request(const struct options *o)
{
	unsigned needs = needs_of(o);

	return (struct request){
		.needs = needs,
		.counters = counters_of(o),
		.all_counters = o->json || needs & NEED_FLAGS,
		.wants_threads = o->view == &view_threads,
		.parts = parts_of(o),
		.selection = o->spec.selection,
		.queries = o->queries,
		.n_queries = o->n_queries,
		.tid = o->frames_tid,
		.wants_debuginfod = o->wants_debuginfod,
	};
}

/* ---- help ---- */

#define OPTION_LEFT_MAX 64

/* With its argument. `left` has room for OPTION_LEFT_MAX. */
static size_t format_option(char *left, const struct option_info *info)
{
	bool is_optional = info->arg == ARG_OPTIONAL;

	return (size_t)snprintf(left, OPTION_LEFT_MAX, "--%s%s%s%s", info->name,
				info->arg_name ? (is_optional ? "[=" : "=") : "",
				info->arg_name ? info->arg_name : "", is_optional ? "]" : "");
}

static bool shares_line(size_t i)
{
	return i < N_OPTIONS && !option_table[i].help;
}

/* With those after it that have the same help. */
static void print_option(FILE *file, size_t i)
{
	const struct option_info *info = &option_table[i];
	char left[OPTION_LEFT_MAX];
	size_t width = 6 + format_option(left, info);

	if (info->letter)
		fprintf(file, "  -%c, %s", info->letter, left);
	else
		fprintf(file, "      %s", left);
	for (; shares_line(i + 1); i++) {
		const struct option_info *next = &option_table[i + 1];

		width += 2 + format_option(left, next);
		fputs(", ", file);
		if (next->letter) {
			fprintf(file, "-%c, ", next->letter);
			width += 4;
		}
		fputs(left, file);
	}
	fprintf(file, "%*s %s\n", width < 28 ? (int)(28 - width) : 0, "", info->help);
}

static bool asks_for_view(const struct option_info *info)
{
	return info->view == &view_processes || info->set == set_view || info->set == set_at ||
	       info->set == set_frames;
}

static void print_columns(FILE *file, const struct view_info *view)
{
	for (const struct column *column = view->columns; column->name; column++)
		fprintf(file, "%-15s %s\n", column->name, column->help);
}

void options_print_columns(const struct options *o, FILE *file)
{
	print_columns(file, o->view);
}

void options_print_all_columns(FILE *file)
{
	fputs("The map, and --sections:\n", file);
	print_columns(file, &view_regions);
	for (size_t i = 0; i < N_OPTIONS; i++) {
		const struct option_info *info = &option_table[i];

		if (!asks_for_view(info) || info->view->columns == view_regions.columns)
			continue;
		fprintf(file, "\n--%s:\n", info->name);
		print_columns(file, info->view);
	}
}

void options_print_kinds(FILE *file)
{
	for (enum kind k = 0; k < N_KINDS; k++)
		fprintf(file, "%-15s %s\n", kinds[k].name, kinds[k].help);
}

void options_print_help(FILE *file)
{
	fputs("Usage: memmap [OPTION]... TARGET...\n"
	      "Shows what every byte of a process's address space is.\n"
	      "A TARGET is a PID, a process name, or, with a slash in it, an ELF or core file,\n"
	      "a snapshot (of --json) or the text of a memory map; - is one of these on stdin.\n",
	      file);
	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (option_table[i].group)
			fprintf(file, "%s:\n", option_table[i].group);
		if (!shares_line(i))
			print_option(file, i);
	}
	fputs("Exit status: 0 all shown; 1 target or output failed; 2 bad usage; 3 partial.\n", file);
}
