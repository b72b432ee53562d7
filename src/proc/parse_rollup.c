/* SPDX-License-Identifier: MIT */
#include "proc/parse_rollup.h"

#include "base/util.h"
#include "proc/parse_status.h"

struct process_sums parse_rollup(const char *text)
{
	uint64_t shared_hugetlb = parse_status_number(text, "Shared_Hugetlb");
	uint64_t private_hugetlb = parse_status_number(text, "Private_Hugetlb");
	struct process_sums sums = {
		.rss = parse_status_number(text, "Rss"),
		.pss = parse_status_number(text, "Pss"),
		.uss = parse_status_number(text, "Private_Clean"),
		.swap = parse_status_number(text, "Swap"),
		.swap_pss = parse_status_number(text, "SwapPss"),
	};

	if (sums.rss != UNKNOWN) {
		process_add(&sums.rss, shared_hugetlb);
		process_add(&sums.rss, private_hugetlb);
	}
	if (sums.uss != UNKNOWN) {
		process_add(&sums.uss, parse_status_number(text, "Private_Dirty"));
		process_add(&sums.uss, private_hugetlb);
	}
	return sums;
}
