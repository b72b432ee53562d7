/* SPDX-License-Identifier: MIT */
/*
 * What each option does with its argument: the functions that option_table[] names.
 */
#pragma once

#include "front/option_table.h"

/* 0, or -EINVAL (-ENOTSUP: not in this build) with one line on what is wrong; `arg` may be NULL. */
typedef int option_setter(struct options *options, const struct option_info *info, const char *arg,
			  struct error *err);

/* For options that take no argument or store it as it is; `member` says where, the union says what is set. */
option_setter option_set_flag, option_set_text, option_set_action, option_set_width, option_set_view;

/* For --save and --output-file: no file has an empty name. */
option_setter option_set_file;

option_setter option_set_at, option_set_frames;
option_setter option_set_output, option_set_output_all;
option_setter option_set_pid, option_set_group;
option_setter option_set_watch, option_set_count, option_set_growth;
option_setter option_set_colour, option_set_help;

/* In option_filters.c: which regions. */
option_setter option_set_kind, option_set_range, option_set_perms;

/* In option_findings.c: which checks, and which findings count. */
option_setter option_set_check, option_set_severity;
