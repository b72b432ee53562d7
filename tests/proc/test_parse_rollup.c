/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "base/util.h"
#include "proc/parse_rollup.h"

Test(parse_rollup, figures)
{
	struct process_sums sums = parse_rollup("00400000-7ffff000 ---p 00000000 00:00 0    [rollup]\n"
						"Rss:                 100 kB\n"
						"Pss:                  40 kB\n"
						"Pss_Dirty:             9 kB\n"
						"Private_Clean:         8 kB\n"
						"Private_Dirty:        16 kB\n"
						"Shared_Hugetlb:     2048 kB\n"
						"Private_Hugetlb:    4096 kB\n"
						"Swap:                 12 kB\n"
						"SwapPss:               6 kB\n");

	cr_assert_eq(sums.rss, (100 + 2048 + 4096) * 1024);
	cr_assert_eq(sums.pss, 40 * 1024);
	cr_assert_eq(sums.uss, (8 + 16 + 4096) * 1024);
	cr_assert_eq(sums.swap, 12 * 1024);
	cr_assert_eq(sums.swap_pss, 6 * 1024);
}

Test(parse_rollup, what_is_not_there_is_unknown)
{
	struct process_sums sums = parse_rollup("Private_Hugetlb: 4 kB\n");

	cr_assert_eq(sums.rss, UNKNOWN);
	cr_assert_eq(sums.pss, UNKNOWN);
	cr_assert_eq(sums.uss, UNKNOWN);
	cr_assert_eq(sums.swap, UNKNOWN);
}
