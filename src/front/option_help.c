/* SPDX-License-Identifier: MIT */
#include "front/option_table.h"

#include "check/check.h"
#include "front/option_values.h"
#include "output/wrap_text.h"
#include "views/processes.h"

#define OPTION_LEFT_MAX 64

/* The option with its argument. `left` has room for OPTION_LEFT_MAX bytes. */
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

/* Together with the options after it that share its help. */
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

/* A word, and what it means. */
static void put_entry(struct out *out, const char *word, size_t word_width, const char *help, size_t width)
{
	size_t at = MAX(word_width, strlen(word)) + 1;

	out_str(out, word);
	out_fill(out, ' ', at - strlen(word));
	out_wrapped(out, help, at, word_width + 1, width);
	out_char(out, '\n');
}

static void put_columns(struct out *out, const struct view_info *view, size_t width)
{
	for (const struct column *column = view->columns; column->name; column++)
		put_entry(out, column->name, 15, column->help, width);
}

void options_print_columns(const struct options *o, struct out *out, size_t width)
{
	put_columns(out, o->view, width);
}

static void put_heading(struct out *out, const char *before, const char *option)
{
	out_str(out, before);
	out_str(out, option);
	out_str(out, ":\n");
}

void options_print_all_columns(struct out *out, size_t width)
{
	put_heading(out, "", "The map, and --sections");
	put_columns(out, &view_regions, width);
	for (size_t i = 0; i < n_options; i++) {
		const struct option_info *info = &option_table[i];

		if (!asks_for_view(info) || info->view->columns == view_regions.columns)
			continue;
		put_heading(out, "\n--", info->name);
		put_columns(out, info->view, width);
		if (!info->view->as_changes)
			continue;
		put_heading(out, "\n", info->view->as_changes->option);
		put_columns(out, info->view->as_changes, width);
	}
}

void options_print_kinds(struct out *out, size_t width)
{
	for (enum kind k = 0; k < N_KINDS; k++)
		put_entry(out, kinds[k].name, 15, kinds[k].help, width);
}

void options_print_checks(struct out *out, size_t width)
{
	for (enum check_id id = 0; id < N_CHECKS; id++) {
		char word[64];

		snprintf(word, sizeof(word), "%-20s %s", checks[id].code,
			 severity_names[checks[id].severity]);
		put_entry(out, word, 29, checks[id].title, width);
	}
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
