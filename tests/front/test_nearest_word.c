/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "front/nearest_word.h"

static void expect(const char *word, const char *expected)
{
	static const char *const words[] = {
		"text", "heap", "stack", "rodata", "list-columns", "RSS", "SIZE"
	};
	struct nearest nearest;

	nearest_init(&nearest, word, strlen(word));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		nearest_try(&nearest, words[i]);
	cr_expect_str_eq(nearest.best, expected, "%s: %s", word, nearest.best);
}

Test(nearest, a_letter_is_wrong_missing_too_many_or_exchanged)
{
	expect("hesp", "heap");
	expect("hep", "heap");
	expect("heapp", "heap");
	expect("haep", "heap");
	expect("RS", "RSS");
}

Test(nearest, one_begins_with_the_other)
{
	expect("stacks", "stack");
	expect("sta", "stack");
	expect("list-col", "list-columns");
}

Test(nearest, case_does_not_matter)
{
	expect("HAEP", "heap");
	expect("size", "SIZE");
}

Test(nearest, what_is_far_is_no_guess)
{
	expect("jit", "");
	expect("", "");
	expect("x", "");
	expect("a-word-that-is-longer-than-any-that-could-be-meant", "");
}
