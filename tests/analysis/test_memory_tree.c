/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>

#include "analysis/memory_tree.h"
#include "analysis/selection.h"
#include "base/mem.h"
#include "space.h"

/* One node a line, indented by its depth: its name, bytes and regions. */
static void expect(const char *maps, enum counter measure, const char *nodes)
{
	static const struct selection everything;
	_cleanup_free_ uint32_t *regions = NULL;
	_cleanup_free_ char *text = NULL;
	struct memory_tree tree;
	struct space space;
	uint64_t bytes = 0;
	size_t n, len;
	FILE *file = open_memstream(&text, &len);

	space_map(&space, maps);
	space_classify(&space);
	regions = select_regions(&space, &everything, &n);
	memory_tree_build(&tree, &space, regions, n, measure);
	cr_expect_eq(tree.measure, MEASURE_SIZE);
	for (size_t i = 0; i < tree.n; i++) {
		const struct tree_node *node = &tree.nodes[i];

		fprintf(file, "%*s%.*s %" PRIx64 " %" PRIu64 "\n", node->depth, "", (int)node->len,
			node->name, node->bytes, node->regions);
		bytes += memory_tree_rest(&tree, i);
		cr_expect_eq(node->bytes, node->size);
		cr_expect_gt(node->next, i);
	}
	fclose(file);
	cr_expect_eq(bytes, tree.bytes);
	cr_expect_str_eq(text, nodes, "expected\n%sand not\n%s", nodes, text);
	memory_tree_done(&tree);
	space_done(&space);
}

Test(memory_tree, nothing)
{
	expect("", MEASURE_SIZE, "");
}

Test(memory_tree, the_largest_comes_first)
{
	expect("10000-11000 r--p 00000000 08:01 1 /d/small\n"
	       "20000-24000 r--p 00000000 08:01 2 /d/large\n"
	       "30000-31000 r--p 00000000 08:01 1 /d/small\n"
	       "40000-50000 rw-p 00000000 00:00 0\n",
	       MEASURE_SIZE,
	       "anon 10000 1\n"
	       "file 6000 3\n"
	       " large 4000 1\n"
	       " small 2000 2\n");
}

Test(memory_tree, sizes_where_a_counter_is_not_known)
{
	expect("10000-11000 r--p 00000000 08:01 1 /d/a\n", COUNTER_RSS, "file 1000 1\n a 1000 1\n");
}

Test(memory_tree, files_that_are_called_the_same)
{
	expect("10000-11000 r--p 00000000 08:01 1 /a/x\n"
	       "20000-22000 r--p 00000000 08:01 2 /b/x\n"
	       "30000-31000 r--p 00000000 08:01 3 /b/y\n"
	       "40000-41000 r--p 00000000 08:01 4 /a/x\n",
	       MEASURE_SIZE,
	       "file 5000 4\n"
	       " /a/x 2000 2\n"
	       " /b/x 2000 1\n"
	       " y 1000 1\n");
}
