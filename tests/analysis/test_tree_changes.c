/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>

#include "analysis/selection.h"
#include "analysis/tree_changes.h"
#include "base/mem.h"
#include "space.h"

/* One change a line: the kind, or an indented name, and the bytes on both sides. */
static void expect(const char *old_maps, const char *new_maps, const char *lines)
{
	static const struct selection everything;
	const char *const maps[] = { old_maps, new_maps };
	struct tree_side sides[N_TREE_SIDES];
	struct space spaces[N_TREE_SIDES];
	_cleanup_free_ char *text = NULL;
	struct tree_changes changes;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	for (size_t i = 0; i < N_TREE_SIDES; i++) {
		space_map(&spaces[i], maps[i]);
		space_classify(&spaces[i]);
		sides[i].space = &spaces[i];
		sides[i].regions = select_regions(&spaces[i], &everything, &sides[i].n);
	}
	tree_changes_build(&changes, sides, COUNTER_RSS);
	cr_expect_eq(changes.measure, MEASURE_SIZE);
	for (size_t i = 0; i < changes.n; i++) {
		const struct tree_change *item = &changes.items[i];

		fprintf(file, "%s%s %" PRIx64 " %" PRIx64 "\n", item->key ? " " : "",
			item->key ? item->name : kinds[item->kind].name, item->bytes[TREE_OLD],
			item->bytes[TREE_NEW]);
	}
	fclose(file);
	cr_expect_str_eq(text, lines, "expected\n%sand not\n%s", lines, text);
	tree_changes_done(&changes);
	for (size_t i = 0; i < N_TREE_SIDES; i++) {
		free((void *)sides[i].regions);
		space_done(&spaces[i]);
	}
}

Test(tree_changes, nothing)
{
	expect("", "", "");
}

Test(tree_changes, the_largest_change_comes_first)
{
	expect("10000-20000 r--p 00000000 08:01 1 /d/a\n"
	       "20000-30000 r--p 00000000 08:01 2 /d/b\n"
	       "40000-41000 rw-p 00000000 00:00 0\n",
	       "10000-20000 r--p 00000000 08:01 1 /d/a\n"
	       "20000-21000 r--p 00000000 08:01 2 /d/b\n"
	       "40000-90000 rw-p 00000000 00:00 0\n",
	       "anon 1000 50000\n"
	       " no name 1000 50000\n"
	       "file 20000 11000\n"
	       " b 10000 1000\n"
	       " a 10000 10000\n");
}

Test(tree_changes, names_that_differ_in_each_run)
{
	expect("10000-11000 r--p 00000000 08:01 1 /tmp/cache-1234.db\n",
	       "20000-22000 r--p 00000000 08:01 2 /tmp/cache-5678.db\n",
	       "file 1000 2000\n"
	       " cache-#.db 1000 2000\n");
}
