/* SPDX-License-Identifier: MIT */
#include "front/option_values.h"

#include <errno.h>
#include <string.h>

#include "check/check.h"
#include "front/nearest_word.h"
#include "front/option_list.h"

static int unknown_check(const char *code, size_t len, struct error *err)
{
	struct nearest nearest;

	nearest_init(&nearest, code, len);
	for (enum check_id id = 0; id < N_CHECKS; id++)
		nearest_try(&nearest, checks[id].code);
	return unknown_word_near("check", &nearest, "", "see memmap --help=checks", err);
}

/* CODE adds a check; -CODE removes it from those before it or, if there are none, from all. */
static int add_check(struct options *o, const char *code, size_t len, struct error *err)
{
	bool is_left_out = *code == '-';
	enum check_id id = check_find(code + is_left_out, len - is_left_out);

	if (id == N_CHECKS)
		return unknown_check(code + is_left_out, len - is_left_out, err);
	if (!is_left_out)
		o->checks |= UINT64_C(1) << id;
	else
		o->checks = (o->checks ? o->checks : CHECK_ALL) & ~(UINT64_C(1) << id);
	return 0;
}

/* If --check is given twice, the last one counts. */
int option_set_check(struct options *o, const struct option_info *info, const char *arg, struct error *err)
{
	int r = 0;

	o->checks = arg ? 0 : CHECK_ALL;
	if (arg)
		r = option_list_each(arg, add_check, o, err);
	if (r == 0 && o->checks == 0)
		return error_set(err, -EINVAL, "--check=%.64s leaves no check", arg);
	return r == 0 ? option_set_view(o, info, arg, err) : r;
}

int option_set_severity(struct options *o, const struct option_info *info _unused_, const char *arg,
			struct error *err)
{
	for (enum severity severity = 0; severity < N_SEVERITIES; severity++)
		if (strcmp(arg, severity_names[severity]) == 0) {
			o->spec.least = severity;
			o->chooses_severity = true;
			return 0;
		}
	return error_set(err, -EINVAL, "unknown severity '%.64s': note, warning or error", arg);
}
