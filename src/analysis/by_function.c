/* SPDX-License-Identifier: MIT */
#include "analysis/by_function.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* By name first: object indices differ between a process and its snapshot. */
static int compare_functions(const void *a, const void *b)
{
	const struct location *x = ((const struct function_use *)a)->location;
	const struct location *y = ((const struct function_use *)b)->location;
	int order = 0;

	/* Locations of one function share its name, which can be long. */
	if (x->function != y->function)
		order = strcmp(x->function ? x->function : "", y->function ? y->function : "");
	return order ? order : (x->object > y->object) - (x->object < y->object);
}

/* The largest first, UNKNOWN last; equal sizes by name. */
static int compare_sizes(const void *a, const void *b)
{
	const struct function_use *x = a;
	const struct function_use *y = b;

	if (x->size + 1 != y->size + 1)
		return x->size + 1 > y->size + 1 ? -1 : 1;
	return compare_functions(a, b);
}

static void add(struct function_use *use, const struct function_use *more)
{
	use->frames += more->frames;
	if (use->size == UNKNOWN)
		use->size = more->size;
	else if (more->size != UNKNOWN)
		use->size += more->size;
}

size_t find_function_uses(const struct frames *frames, struct function_use **ret)
{
	struct function_use *uses = mem_array(frames->n, sizeof(*uses));
	size_t n = 0, n_merged = 0;

	for (size_t i = 0; i < frames->n; i++) {
		const struct frame *frame = &frames->frames[i];

		if (!frame->is_inlined)
			uses[n++] = (struct function_use){
				.location = &frames->locations[frame->location],
				.frames = 1,
				.size = frame_size(frame),
			};
	}
	if (n > 0)
		qsort(uses, n, sizeof(*uses), compare_functions);
	for (size_t i = 0; i < n; i++) {
		if (n_merged > 0 && compare_functions(&uses[n_merged - 1], &uses[i]) == 0)
			add(&uses[n_merged - 1], &uses[i]);
		else
			uses[n_merged++] = uses[i];
	}
	if (n_merged > 0)
		qsort(uses, n_merged, sizeof(*uses), compare_sizes);
	*ret = uses;
	return n_merged;
}
