/* SPDX-License-Identifier: MIT */
#include "model/counter.h"

#include <string.h>

#define RESIDENT .share = SHARE_RESIDENT
#define SWAPPED .share = SHARE_SWAPPED

const struct figure_info figures[N_FIGURES] = {
	[FIGURE_KERNELPAGESIZE] = { "KernelPageSize", "kernelpagesize" },
	[FIGURE_MMUPAGESIZE] = { "MMUPageSize", "mmupagesize" },
	[FIGURE_KERNEL_RSS] = { "Rss", NULL, RESIDENT },
	[FIGURE_PSS] = { "Pss", "pss", RESIDENT },
	[FIGURE_PSS_DIRTY] = { "Pss_Dirty", "pss_dirty", RESIDENT },
	[FIGURE_SHARED_CLEAN] = { "Shared_Clean", "shared_clean", RESIDENT },
	[FIGURE_SHARED_DIRTY] = { "Shared_Dirty", "shared_dirty", RESIDENT },
	[FIGURE_PRIVATE_CLEAN] = { "Private_Clean", "private_clean", RESIDENT },
	[FIGURE_PRIVATE_DIRTY] = { "Private_Dirty", "private_dirty", RESIDENT },
	[FIGURE_REFERENCED] = { "Referenced", "referenced", RESIDENT },
	[FIGURE_ANONYMOUS] = { "Anonymous", "anonymous", RESIDENT },
	[FIGURE_KSM] = { "KSM", "ksm", RESIDENT },
	[FIGURE_LAZYFREE] = { "LazyFree", "lazyfree", RESIDENT },
	[FIGURE_ANONHUGEPAGES] = { "AnonHugePages", "anonhugepages", RESIDENT },
	[FIGURE_SHMEMPMDMAPPED] = { "ShmemPmdMapped", "shmempmdmapped", RESIDENT },
	[FIGURE_FILEPMDMAPPED] = { "FilePmdMapped", "filepmdmapped", RESIDENT },
	[FIGURE_SHARED_HUGETLB] = { "Shared_Hugetlb", "shared_hugetlb", RESIDENT },
	[FIGURE_PRIVATE_HUGETLB] = { "Private_Hugetlb", "private_hugetlb", RESIDENT },
	[FIGURE_SWAP] = { "Swap", "swap", SWAPPED },
	[FIGURE_SWAPPSS] = { "SwapPss", "swappss", SWAPPED },
	[FIGURE_LOCKED] = { "Locked", "locked", RESIDENT },
	[FIGURE_THPELIGIBLE] = { "THPeligible", "thpeligible", .is_count = true },
	[FIGURE_PROTECTIONKEY] = { "ProtectionKey", "protectionkey", .is_count = true },

	[FIGURE_RSS] = { NULL, "rss", RESIDENT,
			 .parts = FIGURE_BIT(FIGURE_KERNEL_RSS) | FIGURE_BIT(FIGURE_SHARED_HUGETLB) |
				  FIGURE_BIT(FIGURE_PRIVATE_HUGETLB) },
	[FIGURE_USS] = { NULL, "uss", RESIDENT,
			 .parts = FIGURE_BIT(FIGURE_PRIVATE_CLEAN) | FIGURE_BIT(FIGURE_PRIVATE_DIRTY) |
				  FIGURE_BIT(FIGURE_PRIVATE_HUGETLB) },
	[FIGURE_DIRTY] = { NULL, "dirty", RESIDENT,
			   .parts = FIGURE_BIT(FIGURE_SHARED_DIRTY) | FIGURE_BIT(FIGURE_PRIVATE_DIRTY) },
	[FIGURE_SHARED] = { NULL, "shared", RESIDENT,
			    .parts = FIGURE_BIT(FIGURE_SHARED_CLEAN) | FIGURE_BIT(FIGURE_SHARED_DIRTY) |
				     FIGURE_BIT(FIGURE_SHARED_HUGETLB) },
	[FIGURE_HUGE] = { NULL, "huge", RESIDENT,
			  .parts = FIGURE_BIT(FIGURE_ANONHUGEPAGES) | FIGURE_BIT(FIGURE_SHMEMPMDMAPPED) |
				   FIGURE_BIT(FIGURE_FILEPMDMAPPED) },
	[FIGURE_HUGETLB] = { NULL, "hugetlb", RESIDENT,
			     .parts =
				     FIGURE_BIT(FIGURE_SHARED_HUGETLB) | FIGURE_BIT(FIGURE_PRIVATE_HUGETLB) },
};

uint64_t figure_sources(uint64_t wanted)
{
	uint64_t sources = wanted & (FIGURE_BIT(N_KERNEL_FIGURES) - 1);

	for (enum figure f = N_KERNEL_FIGURES; f < N_FIGURES; f++)
		if (wanted & FIGURE_BIT(f))
			sources |= figures[f].parts;
	return sources;
}

enum figure figure_find(const char *key, size_t len)
{
	for (enum figure f = 0; f < N_KERNEL_FIGURES; f++)
		if (strlen(figures[f].key) == len && memcmp(figures[f].key, key, len) == 0)
			return f;
	return N_KERNEL_FIGURES;
}
