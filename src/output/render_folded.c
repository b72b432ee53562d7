/* SPDX-License-Identifier: MIT */
#include "output/render_folded.h"

#include "base/text.h"

static void put_frame(struct out *out, const struct tree_node *node)
{
	_cleanup_free_ char *safe = text_escape(node->name, node->len, TEXT_RAW);

	for (const char *c = safe; *c; c++)
		if (*c == ';')
			out_str(out, "\\x3b");
		else
			out_char(out, *c);
}

void render_folded(struct out *out, const struct memory_tree *tree)
{
	size_t frames[N_TREE_DEPTHS];

	for (size_t i = 0; i < tree->n; i++) {
		const struct tree_node *node = &tree->nodes[i];
		uint64_t rest = memory_tree_rest(tree, i);

		frames[node->depth] = i;
		if (rest == 0)
			continue;
		for (size_t depth = 0; depth <= node->depth; depth++) {
			if (depth > 0)
				out_char(out, ';');
			put_frame(out, &tree->nodes[frames[depth]]);
		}
		out_char(out, ' ');
		out_dec(out, rest);
		out_char(out, '\n');
	}
}
