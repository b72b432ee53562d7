/* SPDX-License-Identifier: MIT */
#include "front/option_values.h"

#include <errno.h>
#include <string.h>

#include "front/nearest_word.h"
#include "front/option_list.h"
#include "inspect/query.h"

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
	return unknown_word_near("kind", &nearest, "", list, err);
}

static int add_kind(struct options *o, const char *name, size_t len, struct error *err)
{
	enum kind kind = kind_find(name, len);

	if (kind == N_KINDS)
		return unknown_kind(name, len, err);
	o->spec.selection.kinds |= 1u << kind;
	return 0;
}

int option_set_kind(struct options *o, const struct option_info *info _unused_, const char *arg,
		    struct error *err)
{
	return option_list_each(arg, add_kind, o, err);
}

/*
 * As in pmap -A: one address, or the first and the last, either of which may be left out; or a range as in
 * /proc/PID/maps, whose second address is one past the last.
 */
int option_set_range(struct options *o, const struct option_info *info _unused_, const char *arg,
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

static const struct {
	char letter;
	unsigned bit;
	size_t position;
} perm_letters[] = { { 'r', PERM_R, 0 }, { 'w', PERM_W, 1 }, { 'x', PERM_X, 2 }, { 's', PERM_SHARED, 3 } };

/* One character of a pattern by place: the letter, its absence, or anything. */
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

/* "r-xp" or "?w?": by place; "wx": these letters must be set, whatever the others are. */
int option_set_perms(struct options *o, const struct option_info *info _unused_, const char *arg,
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
