/* SPDX-License-Identifier: MIT */
#include "front/option_list.h"

#include <stdbool.h>
#include <string.h>

#define BLANKS " \t\n"

int option_list_each(const char *list, int (*add)(struct options *, const char *, size_t, struct error *),
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
