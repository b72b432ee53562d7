/* SPDX-License-Identifier: MIT */
#include "front/option_table.h"

#include "check/check.h"
#include "front/option_values.h"
#include "views/processes.h"

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
	return i < n_options && !option_table[i].help;
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
	return info->view == &view_processes || info->set == option_set_view || info->set == option_set_at ||
	       info->set == option_set_frames || info->set == option_set_check;
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
	for (size_t i = 0; i < n_options; i++) {
		const struct option_info *info = &option_table[i];

		if (!asks_for_view(info) || info->view->columns == view_regions.columns)
			continue;
		fprintf(file, "\n--%s:\n", info->name);
		print_columns(file, info->view);
		if (!info->view->as_changes)
			continue;
		fprintf(file, "\n%s:\n", info->view->as_changes->option);
		print_columns(file, info->view->as_changes);
	}
}

void options_print_kinds(FILE *file)
{
	for (enum kind k = 0; k < N_KINDS; k++)
		fprintf(file, "%-15s %s\n", kinds[k].name, kinds[k].help);
}

void options_print_checks(FILE *file)
{
	for (enum check_id id = 0; id < N_CHECKS; id++)
		fprintf(file, "%-20s %-8s %s\n", checks[id].code, severity_names[checks[id].severity],
			checks[id].title);
}

void options_print_help(FILE *file)
{
	fputs("Usage: memmap [OPTION]... TARGET...\n"
	      "Shows what every byte of a process's address space is.\n"
	      "A TARGET is a PID, a process name, or, with a slash in it, an ELF or core file,\n"
	      "a snapshot (of --json) or the text of a memory map; - is one of these on stdin.\n",
	      file);
	for (size_t i = 0; i < n_options; i++) {
		if (option_table[i].group)
			fprintf(file, "%s:\n", option_table[i].group);
		if (!shares_line(i))
			print_option(file, i);
	}
	fputs("Exit status: 0 all shown; 1 failed; 2 bad usage; 3 partial; 4 findings, leaks.\n", file);
}
