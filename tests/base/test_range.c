/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "base/range.h"
#include "base/util.h"
#include "random.h"

#define ITEMS_MAX 12
#define ADDRESSES 40 /* few, so that ranges of random items overlap in all ways */
#define N_RANDOM 20000
#define NOBODY 0

struct item {
	uint64_t start, end;
	char id; /* never NOBODY */
};

struct items {
	struct item all[2 * ITEMS_MAX];
	size_t n;
};

static struct items random_items(void)
{
	struct items items = { .n = random_below(ITEMS_MAX + 1) };

	for (size_t i = 0; i < items.n; i++) {
		struct item *item = &items.all[i];

		item->start = random_below(ADDRESSES);
		item->end = item->start + 1 + random_below(ADDRESSES - item->start);
		item->id = (char)('a' + i);
	}
	return items;
}

static void sort(struct items *items)
{
	range_sort(items->all, items->n, sizeof(*items->all));
}

static struct items sorted_items(void)
{
	struct items items = random_items();

	sort(&items);
	return items;
}

/* Reads an array of items from a text like "a 0-3, b 3-5". */
static struct items items_of(const char *text)
{
	struct items items = { .n = 0 };
	int len;

	for (; *text; text += len) {
		struct item *item = &items.all[items.n++];

		cr_assert_eq(sscanf(text, " %c %lu-%lu%n", &item->id, &item->start, &item->end, &len), 3);
		len += text[len] == ',';
	}
	return items;
}

static void expect(const struct items *items, size_t n, const char *text)
{
	struct items expected = items_of(text);

	cr_assert_eq(n, expected.n, "%zu are left, and not %s", n, text);
	for (size_t i = 0; i < n; i++)
		cr_expect(items->all[i].id == expected.all[i].id &&
				  items->all[i].start == expected.all[i].start &&
				  items->all[i].end == expected.all[i].end,
			  "%c %lu-%lu in %s", items->all[i].id, items->all[i].start, items->all[i].end, text);
}

static void expect_cut(const char *before, enum range_policy policy, const char *after)
{
	struct items items = items_of(before);

	expect(&items, range_cut(items.all, items.n, sizeof(*items.all), policy), after);
}

static void expect_split(const char *before, const char *after)
{
	struct items items = items_of(before);

	expect(&items, range_split(items.all, items.n, sizeof(*items.all)), after);
}

/* ---- by example ---- */

Test(range, sort)
{
	struct items items = items_of("a 5-6, b 1-9, c 5-7, d 0-1, e 5-5, f 1-2");

	sort(&items);
	expect(&items, items.n, "d 0-1, b 1-9, f 1-2, a 5-6, c 5-7, e 5-5");
}

Test(range, the_first_one_wins)
{
	expect_cut("", RANGE_FIRST_WINS, "");
	expect_cut("a 0-3, b 3-5", RANGE_FIRST_WINS, "a 0-3, b 3-5");
	expect_cut("a 0-4, b 3-5, c 4-6", RANGE_FIRST_WINS, "a 0-4, c 4-6");
	expect_cut("a 0-9, b 3-5, c 4-6, d 9-10", RANGE_FIRST_WINS, "a 0-9, d 9-10");
	expect_cut("a 0-3, b 0-5, c 3-4", RANGE_FIRST_WINS, "a 0-3, c 3-4");
}

Test(range, none_wins)
{
	expect_cut("a 0-3, b 3-5", RANGE_NONE_WINS, "a 0-3, b 3-5");
	expect_cut("a 0-4, b 3-5, c 5-6", RANGE_NONE_WINS, "c 5-6");
	expect_cut("a 0-9, b 3-5, c 6-7, d 9-10", RANGE_NONE_WINS, "d 9-10");
	expect_cut("a 0-1, b 1-2, c 1-2", RANGE_NONE_WINS, "a 0-1");
}

Test(range, the_inner_one_splits_the_outer)
{
	expect_split("a 0-3, b 3-5", "a 0-3, b 3-5");
	expect_split("a 0-9, b 3-5", "a 0-3, b 3-5, a 5-9");
	expect_split("a 0-9, b 0-5", "b 0-5, a 5-9");
	expect_split("b 0-5, a 0-9", "b 0-5, a 5-9");
	expect_split("a 0-9, b 5-9", "a 0-5, b 5-9");
	expect_split("a 0-5, b 3-8", "a 0-3, b 3-8");
	expect_split("a 0-9, b 2-8, c 3-4, d 6-7", "a 0-2, b 2-3, c 3-4, b 4-6, d 6-7, b 7-8, a 8-9");
	expect_split("a 0-9, b 0-9", "b 0-9");
}

static void expect_overlay(const char *before, const char *after)
{
	struct items items = items_of(before);

	expect(&items, range_overlay(items.all, items.n, sizeof(*items.all)), after);
}

Test(range, the_last_one_covers_the_others)
{
	expect_overlay("", "");
	expect_overlay("a 0-3, b 3-5", "a 0-3, b 3-5");
	expect_overlay("a 0-9, b 3-5", "a 0-3, b 3-5, a 5-9");
	expect_overlay("b 3-5, a 0-9", "a 0-9");
	expect_overlay("a 0-1, b 0-2, c 2-4", "b 0-2, c 2-4");
	expect_overlay("a 2-4, b 0-3, c 3-3", "b 0-3, a 3-4");
}

Test(range, end_at)
{
	static const struct {
		uint64_t addr;
		const char *left;
	} cases[] = { { 0, "" },      { 1, "a 0-1" },	     { 3, "a 0-3" },
		      { 4, "a 0-3" }, { 5, "a 0-3, b 4-5" }, { 9, "a 0-3, b 4-6" } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct items items = items_of("a 0-3, b 4-6");

		expect(&items, range_end_at(items.all, items.n, sizeof(*items.all), cases[i].addr),
		       cases[i].left);
	}
}

/* ---- random items, compared with the definition ---- */

static void expect_in_order(const struct item *items, size_t n)
{
	for (size_t i = 1; i < n; i++)
		cr_assert(items[i - 1].start < items[i - 1].end && items[i - 1].end <= items[i].start);
	cr_assert_eq(range_are_disjoint(items, n, sizeof(*items)), true);
}

/* The ID of the one of these disjoint items that contains an address. */
static char owner(const struct item *items, size_t n, uint64_t addr)
{
	size_t i = range_find(items, n, sizeof(*items), addr);

	return i < n && items[i].start <= addr ? items[i].id : NOBODY;
}

static bool has_overlap(const struct items *items, size_t i)
{
	for (size_t k = 0; k < items->n; k++)
		if (k != i && items->all[k].start < items->all[i].end &&
		    items->all[k].end > items->all[i].start)
			return true;
	return false;
}

Test(range, what_is_laid_over_them_counts)
{
	for (size_t round = 0; round < N_RANDOM; round++) {
		struct items items = random_items();
		struct items before = items;
		size_t n = range_overlay(items.all, items.n, sizeof(*items.all));

		cr_assert_leq(n, 2 * before.n);
		expect_in_order(items.all, n);
		for (uint64_t addr = 0; addr < ADDRESSES; addr++) {
			char id = NOBODY;

			for (size_t i = 0; i < before.n; i++)
				if (before.all[i].start <= addr && addr < before.all[i].end)
					id = before.all[i].id;
			cr_assert_eq(owner(items.all, n, addr), id);
		}
	}
}

Test(range, sorted_items_keep_their_order)
{
	for (size_t round = 0; round < N_RANDOM; round++) {
		struct items items = sorted_items();
		bool disjoint = true;

		for (size_t i = 0; i < items.n; i++) {
			const struct item *item = &items.all[i];

			cr_assert(i == 0 || item[-1].start < item->start ||
				  (item[-1].start == item->start && item[-1].id < item->id));
			disjoint &= !has_overlap(&items, i);
		}
		cr_assert_eq(range_are_disjoint(items.all, items.n, sizeof(*items.all)), disjoint);
	}
}

/* Items that are left out stay in the array. */
static void expect_same_ids(const struct items *before, const struct items *after)
{
	unsigned ids = 0;

	for (size_t i = 0; i < before->n; i++)
		ids ^= 1u << (before->all[i].id - 'a') ^ 1u << (after->all[i].id - 'a');
	cr_assert_eq(ids, 0);
}

/* The ID of the item that contains an address and overlaps with no other item. */
static char only_owner(const struct items *items, uint64_t addr)
{
	for (size_t i = 0; i < items->n; i++)
		if (items->all[i].start <= addr && addr < items->all[i].end && !has_overlap(items, i))
			return items->all[i].id;
	return NOBODY;
}

static char first_owner(const struct items *items, uint64_t addr)
{
	uint64_t end = 0;

	for (size_t i = 0; i < items->n; i++) {
		if (items->all[i].start < end)
			continue;
		end = items->all[i].end;
		if (items->all[i].start <= addr && addr < end)
			return items->all[i].id;
	}
	return NOBODY;
}

Test(range, random_cuts)
{
	for (size_t round = 0; round < N_RANDOM; round++) {
		enum range_policy policy = (enum range_policy)(round % 2);
		struct items before = sorted_items();
		struct items after = before;
		size_t n = range_cut(after.all, after.n, sizeof(*after.all), policy);

		cr_assert_leq(n, after.n);
		expect_in_order(after.all, n);
		expect_same_ids(&before, &after);
		for (uint64_t addr = 0; addr <= ADDRESSES; addr++)
			cr_assert_eq(owner(after.all, n, addr), policy == RANGE_FIRST_WINS ?
									first_owner(&before, addr) :
									only_owner(&before, addr));
	}
}

/* Of the items that contain an address, the one that begins last; then the shortest; then the last. */
static char innermost_owner(const struct items *items, uint64_t addr)
{
	const struct item *inner = NULL;

	for (size_t i = 0; i < items->n; i++) {
		const struct item *item = &items->all[i];

		if (item->start > addr || item->end <= addr)
			continue;
		if (!inner || item->start > inner->start ||
		    (item->start == inner->start && item->end <= inner->end))
			inner = item;
	}
	return inner ? inner->id : NOBODY;
}

Test(range, random_splits)
{
	for (size_t round = 0; round < N_RANDOM; round++) {
		struct items before = sorted_items();
		struct items after = before;
		size_t n = range_split(after.all, after.n, sizeof(*after.all));

		cr_assert_leq(n, 2 * before.n);
		expect_in_order(after.all, n);
		for (uint64_t addr = 0; addr <= ADDRESSES; addr++)
			cr_assert_eq(owner(after.all, n, addr), innermost_owner(&before, addr));
	}
}

Test(range, random_ends)
{
	for (size_t round = 0; round < N_RANDOM; round++) {
		struct items items = sorted_items();
		uint64_t end = random_below(ADDRESSES + 1);
		struct items before;
		size_t n;

		items.n = range_cut(items.all, items.n, sizeof(*items.all), RANGE_FIRST_WINS);
		before = items;
		n = range_end_at(items.all, items.n, sizeof(*items.all), end);
		for (uint64_t addr = 0; addr <= ADDRESSES; addr++)
			cr_assert_eq(owner(items.all, n, addr),
				     addr < end ? owner(before.all, before.n, addr) : NOBODY);
	}
}
