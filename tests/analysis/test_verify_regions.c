/* SPDX-License-Identifier: MIT */
#include "analysis/verify_regions.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "analysis/divide_counters.h"
#include "space.h"

#define MAPS                                  \
	"10000-12000 rw-p 00000000 00:00 0\n" \
	"12000-13000 r--p 00000000 00:00 0 [vvar]\n"

static void map(struct space *space)
{
	space_map(space, MAPS);
	space_classify(space);
	cr_assert_eq(space->judgement.n_regions, 2);
}

/* Wrong regions must not be shown. */
static void expect_refused(struct space *space)
{
	struct error err;

	cr_expect_eq(check_regions(space, &err), -EBADMSG);
	cr_expect(strstr(err.text, "internal error"), "%s", err.text);
	space_done(space);
}

Test(check_regions, gap)
{
	struct space space;

	map(&space);
	space.judgement.regions[0].end -= 4096;
	expect_refused(&space);
}

Test(check_regions, overlap)
{
	struct space space;

	map(&space);
	space.judgement.regions[0].end += 4096;
	expect_refused(&space);
}

Test(check_regions, order)
{
	struct space space;
	struct region first;

	map(&space);
	first = space.judgement.regions[0];
	space.judgement.regions[0] = space.judgement.regions[1];
	space.judgement.regions[1] = first;
	expect_refused(&space);
}

Test(check_regions, mapping_without_region)
{
	struct space space;

	map(&space);
	space.judgement.n_regions--;
	expect_refused(&space);
}

Test(check_regions, region_without_mapping)
{
	struct space space;

	map(&space);
	space.facts.n_mappings--;
	expect_refused(&space);
}

Test(check_regions, padding_larger_than_region)
{
	struct space space;

	map(&space);
	space.judgement.regions[1].padding = 4097;
	expect_refused(&space);
}

Test(check_regions, unknown_module)
{
	struct space space;

	map(&space);
	space.judgement.regions[1].module = 0;
	expect_refused(&space);
}

/* The mapping labelled [heap] begins below the heap: its two regions share the mapping's counter. */
static void map_divided(struct space *space)
{
	space_map(space, "10000-14000 rw-p 00000000 00:00 0 [heap]\n");
	space->facts.process.start_brk = 0x11000;
	space_classify(space);
	cr_assert_eq(space->judgement.n_regions, 2);
	usage_init(&space->facts.usage, COUNTER_BIT(COUNTER_KERNEL_RSS), false);
	usage_set_rows(&space->facts.usage, 1);
	*usage_row(&space->facts.usage, 0) = 0x3000;
	divide_counters(&space->facts.usage, NULL, &space->judgement);
}

Test(check_regions, counters)
{
	struct space space;

	map_divided(&space);
	cr_expect_eq(check_regions(&space, NULL), 0);
	space.judgement.shares.values[1]++;
	expect_refused(&space);
}
