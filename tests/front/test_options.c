/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "front/options.h"

#define ARGS(...) ((const char *[]){ "memmap", __VA_ARGS__, NULL })

static int parse(struct options *options, const char **argv, struct error *err)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	optind = 0; /* glibc: start over */
	return options_parse(options, argc, (char **)argv, err);
}

static struct options accept(const char **argv)
{
	struct error err = { "" };
	struct options options;

	cr_assert_eq(parse(&options, argv, &err), 0, "%s", err.text);
	return options;
}

static void expect_refused(const char **argv, const char *why)
{
	struct error err = { "" };
	struct options options;

	cr_expect_eq(parse(&options, argv, &err), -EINVAL);
	cr_expect_str_eq(err.text, why);
	options_done(&options);
}

static void expect_columns(const char **argv, const char *expected)
{
	struct options options = accept(argv);
	char got[512] = "";

	for (size_t i = 0; i < options.n_columns; i++) {
		strcat(got, i > 0 ? "," : "");
		strcat(got, options.columns[i]->name);
	}
	cr_expect_str_eq(got, expected);
	options_done(&options);
}

Test(options, defaults)
{
	struct options options = accept(ARGS("1"));

	cr_assert_eq(options.action, ACTION_SHOW);
	cr_assert_not(options.json || options.bytes || options.raw || options.no_headings);
	cr_assert_eq(options.colour, COLOUR_AUTO);
	cr_assert_str_eq(options.procfs, "/proc");
	cr_assert_str_eq(options.targets[0], "1");
	cr_assert_null(options.targets[1]);
	options_done(&options);
}

Test(options, options_and_targets_mix)
{
	struct options options = accept(ARGS("1", "-Jb", "name", "--raw", "--", "-n"));

	cr_assert(options.json && options.bytes && options.raw);
	cr_assert_not(options.no_headings);
	cr_assert_str_eq(options.targets[0], "1");
	cr_assert_str_eq(options.targets[1], "name");
	cr_assert_str_eq(options.targets[2], "-n");
	options_done(&options);
}

Test(options, columns)
{
	expect_columns(ARGS("1"), "START,END,SIZE,PERMS,KIND,NAME");
	expect_columns(ARGS("-o", "kind,SIZE", "1"), "KIND,SIZE");
	expect_columns(ARGS("-o", "kind, SIZE NAME ,PSS", "1"), "KIND,SIZE,NAME,PSS");
	expect_columns(ARGS("-o", "+PADDING", "1"), "START,END,SIZE,PERMS,KIND,NAME,PADDING");
	expect_columns(ARGS("-o", "KIND", "-o", "+SIZE", "1"), "KIND,SIZE");
	expect_columns(ARGS("-x", "1"), "START,END,SIZE,RSS,PSS,DIRTY,SWAP,PERMS,KIND,NAME");
	expect_columns(ARGS("-o", "+PADDING", "-x", "1"),
		       "START,END,SIZE,RSS,PSS,DIRTY,SWAP,PERMS,KIND,NAME,PADDING");
	expect_columns(ARGS("-x", "-o", "KIND", "1"), "KIND");
	expect_columns(ARGS("-o", "KIND", "-o", "SIZE", "1"), "SIZE");
	expect_refused(ARGS("-o", "KIND,NONE", "1"), "unknown column 'NONE'; see memmap --list-columns");
	expect_refused(ARGS("-o", "", "1"), "unknown column ''; see memmap --list-columns");
	expect_refused(ARGS("-o", "KIND,", "1"), "unknown column ''; see memmap --list-columns");
}

Test(options, kinds)
{
	struct options options = accept(ARGS("-k", "heap,bss", "--kind", "jit", "1"));

	cr_assert_eq(options.spec.selection.kinds, 1u << KIND_HEAP | 1u << KIND_BSS | 1u << KIND_JIT);
	options_done(&options);
	expect_refused(ARGS("-k", "heaps", "1"), "unknown kind 'heaps'; did you mean 'heap'?");
	expect_refused(
		ARGS("-k", "zzz", "1"),
		"unknown kind 'zzz'; kinds are: text, rodata, relro, data, bss, heap, stack, guard, anon, jit, "
		"shm, file, device, vdso, reserved");
}

static void expect_range(const char *range, uint64_t low, uint64_t high)
{
	struct options options = accept(ARGS("-A", range, "1"));

	cr_expect(options.spec.selection.has_range);
	cr_expect_eq(options.spec.selection.low, low, "%s", range);
	cr_expect_eq(options.spec.selection.high, high, "%s", range);
	options_done(&options);
}

Test(options, ranges)
{
	expect_range("400000", 0x400000, 0x400000);
	expect_range("0x400000,0X4fffff", 0x400000, 0x4fffff);
	expect_range("400000,", 0x400000, UINT64_MAX);
	expect_range(",400000", 0, 0x400000);
	expect_range("0x1000-0x2000", 0x1000, 0x1fff);
	expect_range("ffffffffff600000", 0xffffffffff600000, 0xffffffffff600000);
	expect_refused(ARGS("-A", "5-5", "1"), "range '5-5' is empty");
	expect_refused(ARGS("-A", "5-4", "1"), "range '5-4': LOW is above HIGH");
	expect_refused(ARGS("-A", "5,4", "1"), "range '5,4': LOW is above HIGH");
	expect_refused(ARGS("-A", "", "1"),
		       "unknown range '': an address in hexadecimal, LOW,HIGH or START-END");
	expect_refused(ARGS("-A", "-1", "1"),
		       "unknown range '-1': an address in hexadecimal, LOW,HIGH or START-END");
	expect_refused(ARGS("-A", "0x", "1"),
		       "unknown range '0x': an address in hexadecimal, LOW,HIGH or START-END");
	expect_refused(ARGS("-A", "0x0x1", "1"),
		       "unknown range '0x0x1': an address in hexadecimal, LOW,HIGH or START-END");
	expect_refused(ARGS("-A", "10000000000000000", "1"),
		       "unknown range '10000000000000000': an address in hexadecimal, LOW,HIGH or START-END");
	expect_refused(ARGS("-A", "1,2,3", "1"),
		       "unknown range '1,2,3': an address in hexadecimal, LOW,HIGH or START-END");
}

Test(options, counters_are_read_only_when_asked_for)
{
	struct options options = accept(ARGS("1"));

	cr_assert_eq(options_request(&options).counters, 0);
	cr_assert_eq(options_request(&options).needs, 0);
	options_done(&options);
	options = accept(ARGS("-o", "PSS,FILE", "--sort", "swap", "1"));
	cr_assert_eq(options_request(&options).counters,
		     COUNTER_BIT(COUNTER_PSS) | COUNTER_BIT(COUNTER_SWAP));
	cr_assert_eq(options_request(&options).needs, NEED_COUNTER | NEED_FILE_STATE);
	options_done(&options);
}

Test(options, pages_of_a_whole_process_are_too_many)
{
	struct options options = accept(ARGS("--pages", "-k", "heap", "1"));

	cr_assert_eq(options.view, &view_pages);
	options_done(&options);
	expect_refused(ARGS("--pages", "1"), "--pages needs --range or --kind");
}

Test(options, a_table_may_be_drawn)
{
	struct options drawn = accept(ARGS("--pages", "-l", "-k", "heap", "1"));
	struct options same = accept(ARGS("-l", "-l", "--pages", "-k", "heap", "1"));
	struct options table = accept(ARGS("-l", "--heap", "-r", "1"));

	cr_expect_eq(drawn.view, view_pages.as_picture);
	cr_expect_eq(same.view, view_pages.as_picture);
	cr_expect_eq(table.view, &view_heap);
	options_done(&drawn);
	options_done(&same);
	options_done(&table);
	expect_refused(ARGS("-l", "-t", "1"), "--layout and --threads are two views: one at a time");
}

static void expect_perms(const char *pattern, unsigned perms, unsigned mask)
{
	struct options options = accept(ARGS("--perms", pattern, "1"));

	cr_expect_eq(options.spec.selection.perms, perms, "%s", pattern);
	cr_expect_eq(options.spec.selection.perms_mask, mask, "%s", pattern);
	options_done(&options);
}

Test(options, access_patterns)
{
	expect_perms("r-xp", PERM_R | PERM_X, 15);
	expect_perms("rw-s", PERM_R | PERM_W | PERM_SHARED, 15);
	expect_perms("r-x", PERM_R | PERM_X, PERM_R | PERM_W | PERM_X);
	expect_perms("?w??", PERM_W, PERM_W);
	expect_perms("wx", PERM_W | PERM_X, PERM_W | PERM_X);
	expect_perms("xw", PERM_W | PERM_X, PERM_W | PERM_X);
	expect_perms("s", PERM_SHARED, PERM_SHARED);
	expect_perms("p", 0, PERM_SHARED);
	expect_refused(
		ARGS("--perms", "", "1"),
		"unknown access pattern '': letters of rwxsp that must be set (wx), or four places (r-xp, ?w?p)");
	expect_refused(
		ARGS("--perms", "q", "1"),
		"unknown access pattern 'q': letters of rwxsp that must be set (wx), or four places (r-xp, ?w?p)");
	expect_refused(
		ARGS("--perms", "x-rp", "1"),
		"unknown access pattern 'x-rp': letters of rwxsp that must be set (wx), or four places (r-xp, ?w?p)");
	expect_refused(
		ARGS("--perms", "rw-px", "1"),
		"unknown access pattern 'rw-px': letters of rwxsp that must be set (wx), or four places (r-xp, ?w?p)");
}

Test(options, order)
{
	struct options options = accept(ARGS("--sort", "-size", "1"));

	cr_assert_eq(options.spec.n_sort, 1);
	cr_assert_eq(options.spec.sort[0].column, column_find(view_regions.columns, "SIZE", 4));
	cr_assert(options.spec.sort[0].is_descending);
	options_done(&options);
	expect_refused(ARGS("--sort", "--size", "1"), "unknown column '-size'; did you mean 'SIZE'?");
	options = accept(ARGS("--sort", "kind, -size", "1"));
	cr_assert_eq(options.spec.n_sort, 2);
	cr_assert_eq(options.spec.sort[0].column, column_find(view_regions.columns, "KIND", 4));
	cr_assert(!options.spec.sort[0].is_descending && options.spec.sort[1].is_descending);
	options_done(&options);
}

Test(options, colour)
{
	struct options options = accept(ARGS("--color", "1"));

	cr_assert_eq(options.colour, COLOUR_ALWAYS);
	cr_assert_str_eq(options.targets[0], "1");
	options_done(&options);
	options = accept(ARGS("--color=never", "1"));
	cr_assert_eq(options.colour, COLOUR_NEVER);
	options_done(&options);
	expect_refused(ARGS("--color=red", "1"), "unknown colour mode 'red': auto, always or never");
}

Test(options, usage)
{
	expect_refused(ARGS("--what", "1"), "unknown option '--what'");
	expect_refused(ARGS("-?", "1"), "unknown option '-?'");
	expect_refused(ARGS("-Jz", "1"), "unknown option '-z'");
	expect_refused(ARGS("-k"), "option '-k' needs an argument");
	expect_refused(ARGS("--json=1", "1"), "option '--json' takes no argument");
	expect_refused(ARGS("-b"), "no target given: expected a PID, a process name or a path");
	expect_refused(ARGS("--\x1b[31m", "1"), "unknown option '--\x1b[31m'");
}

Test(options, help_needs_no_target)
{
	struct options options = accept(ARGS("-h"));

	cr_assert_eq(options.action, ACTION_HELP);
	options_done(&options);
	options = accept(ARGS("-V"));
	cr_assert_eq(options.action, ACTION_VERSION);
	options_done(&options);
	options = accept(ARGS("-H"));
	cr_assert_eq(options.action, ACTION_LIST_COLUMNS);
	options_done(&options);
}
