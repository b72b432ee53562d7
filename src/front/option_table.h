/* SPDX-License-Identifier: MIT */
/*
 * One row per option. The table feeds getopt, --help and, through tests, the man page and the completions.
 */
#pragma once

#include <getopt.h>
#include <stddef.h>

#include "front/options.h"

enum arg { ARG_NONE = no_argument, ARG_REQUIRED = required_argument, ARG_OPTIONAL = optional_argument };

struct option_info {
	char letter; /* 0: none */
	const char *name;
	enum arg arg;
	const char *arg_name;
	/* `arg` is NULL if there is none. */
	int (*set)(struct options *, const struct option_info *, const char *arg, struct error *);
	size_t member; /* offset in struct options, if the option sets just one */
	union {	       /* what the option sets or shows */
		enum action action;
		enum width width;
		const struct view_info *view;
	};
	const char *help;  /* NULL: that of the option before it */
	const char *group; /* a heading that begins here */
};

/* In the order of --help. */
extern const struct option_info option_table[];
extern const size_t n_options;
