/* SPDX-License-Identifier: MIT */
/*
 * The kernel's counters for each mapping in /proc/PID/smaps, and sums of these (proc(5), show_smap()
 * in the kernel's fs/proc/task_mmu.c).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * All counters, in the order of their columns. X(ID, index, title, name, share, unit, key, parts, help):
 *
 *   index  the order in JSON: the kernel's counters as in smaps, then the derived ones
 *   title  of the column
 *   name   in JSON
 *   share  how a mapping's counter is divided among its regions: SHARE_...
 *   unit   SIZE, or NUMBER for a bare number
 *   key    in smaps; NULL: the counter is the sum of `parts`
 *   help   one line
 *
 * SUM_COUNTERS add up over mappings; PROPERTY_COUNTERS are properties of a single one.
 */
#define SUM_COUNTERS(X)                                                                                     \
	X(RSS, 23, "RSS", "rss", RESIDENT, SIZE, NULL,                                                      \
	  PART(KERNEL_RSS) | PART(SHARED_HUGETLB) | PART(PRIVATE_HUGETLB),                                  \
	  "resident in memory, hugetlb pages included"),                                                    \
		X(PSS, 3, "PSS", "pss", RESIDENT, SIZE, "Pss", 0,                                           \
		  "resident, each page divided by the number of its users"),                                \
		X(PSS_DIRTY, 4, "PSS_DIRTY", "pss_dirty", RESIDENT, SIZE, "Pss_Dirty", 0,                   \
		  "the part of PSS that has been written to"),                                              \
		X(USS, 24, "USS", "uss", RESIDENT, SIZE, NULL,                                              \
		  PART(PRIVATE_CLEAN) | PART(PRIVATE_DIRTY) | PART(PRIVATE_HUGETLB),                        \
		  "resident, used only by this process"),                                                   \
		X(DIRTY, 25, "DIRTY", "dirty", RESIDENT, SIZE, NULL,                                        \
		  PART(SHARED_DIRTY) | PART(PRIVATE_DIRTY),                                                 \
		  "resident, written to since it was read or made"),                                        \
		X(SHARED, 26, "SHARED", "shared", RESIDENT, SIZE, NULL,                                     \
		  PART(SHARED_CLEAN) | PART(SHARED_DIRTY) | PART(SHARED_HUGETLB),                           \
		  "resident, used by other processes too"),                                                 \
		X(SHARED_CLEAN, 5, "SHARED_CLEAN", "shared_clean", RESIDENT, SIZE, "Shared_Clean", 0,       \
		  "of SHARED, not written to"),                                                             \
		X(SHARED_DIRTY, 6, "SHARED_DIRTY", "shared_dirty", RESIDENT, SIZE, "Shared_Dirty", 0,       \
		  "of SHARED, written to"),                                                                 \
		X(PRIVATE_CLEAN, 7, "PRIVATE_CLEAN", "private_clean", RESIDENT, SIZE, "Private_Clean", 0,   \
		  "of USS, not written to"),                                                                \
		X(PRIVATE_DIRTY, 8, "PRIVATE_DIRTY", "private_dirty", RESIDENT, SIZE, "Private_Dirty", 0,   \
		  "of USS, written to"),                                                                    \
		X(REFERENCED, 9, "REFERENCED", "referenced", RESIDENT, SIZE, "Referenced", 0,               \
		  "resident, marked as recently used"),                                                     \
		X(ANONYMOUS, 10, "ANON", "anonymous", RESIDENT, SIZE, "Anonymous", 0,                       \
		  "resident, belonging to no file"),                                                        \
		X(LAZYFREE, 12, "LAZYFREE", "lazyfree", RESIDENT, SIZE, "LazyFree", 0,                      \
		  "given back with MADV_FREE, not yet taken"),                                              \
		X(HUGE, 27, "HUGE", "huge", RESIDENT, SIZE, NULL,                                           \
		  PART(ANONHUGEPAGES) | PART(SHMEMPMDMAPPED) | PART(FILEPMDMAPPED),                         \
		  "resident in transparent huge pages"),                                                    \
		X(ANONHUGEPAGES, 13, "ANONHUGEPAGES", "anonhugepages", RESIDENT, SIZE, "AnonHugePages", 0,  \
		  "of HUGE, anonymous memory"),                                                             \
		X(SHMEMPMDMAPPED, 14, "SHMEMPMDMAPPED", "shmempmdmapped", RESIDENT, SIZE, "ShmemPmdMapped", \
		  0, "of HUGE, shared memory"),                                                             \
		X(FILEPMDMAPPED, 15, "FILEPMDMAPPED", "filepmdmapped", RESIDENT, SIZE, "FilePmdMapped", 0,  \
		  "of HUGE, files"),                                                                        \
		X(HUGETLB, 28, "HUGETLB", "hugetlb", RESIDENT, SIZE, NULL,                                  \
		  PART(SHARED_HUGETLB) | PART(PRIVATE_HUGETLB),                                             \
		  "resident in hugetlb pages; part of RSS here"),                                           \
		X(SHARED_HUGETLB, 16, "SHARED_HUGETLB", "shared_hugetlb", RESIDENT, SIZE, "Shared_Hugetlb", \
		  0, "of HUGETLB, used by other processes too"),                                            \
		X(PRIVATE_HUGETLB, 17, "PRIVATE_HUGETLB", "private_hugetlb", RESIDENT, SIZE,                \
		  "Private_Hugetlb", 0, "of HUGETLB, used only by this process"),                           \
		X(SWAP, 18, "SWAP", "swap", SWAPPED, SIZE, "Swap", 0, "swapped out"),                       \
		X(SWAPPSS, 19, "SWAPPSS", "swappss", SWAPPED, SIZE, "SwapPss", 0,                           \
		  "swapped out, each page divided by the number of its users"),                             \
		X(LOCKED, 20, "LOCKED", "locked", RESIDENT, SIZE, "Locked", 0, "locked into memory"),       \
		X(KSM, 11, "KSM", "ksm", RESIDENT, SIZE, "KSM", 0, "merged with equal pages by KSM")

#define PROPERTY_COUNTERS(X)                                                                                 \
	X(THPELIGIBLE, 21, "THPELIGIBLE", "thpeligible", PROPERTY, NUMBER, "THPeligible", 0,                 \
	  "1 where transparent huge pages are allowed"),                                                     \
		X(PROTECTIONKEY, 22, "PROTECTIONKEY", "protectionkey", PROPERTY, NUMBER, "ProtectionKey", 0, \
		  "memory protection key"),                                                                  \
		X(KERNELPAGESIZE, 0, "KERNELPAGESIZE", "kernelpagesize", PROPERTY, SIZE, "KernelPageSize",   \
		  0, "page size of the mapping"),                                                            \
		X(MMUPAGESIZE, 1, "MMUPAGESIZE", "mmupagesize", PROPERTY, SIZE, "MMUPageSize", 0,            \
		  "page size of the processor for it")

#define COUNTER_BIT(counter) (UINT64_C(1) << (counter))
#define PART(id) COUNTER_BIT(COUNTER_##id)

#define COUNTER_ENUMERATOR(id, index, ...) COUNTER_##id = index

enum counter {
	SUM_COUNTERS(COUNTER_ENUMERATOR),
	PROPERTY_COUNTERS(COUNTER_ENUMERATOR),
	COUNTER_KERNEL_RSS = 2, /* leaves out hugetlb pages: shown only as part of COUNTER_RSS */
	N_KERNEL_COUNTERS = 23,
	N_COUNTERS = 29,
};

/* How a mapping's counter is divided among its regions. */
enum share {
	SHARE_PROPERTY, /* not at all: each region gets the mapping's */
	SHARE_RESIDENT, /* by resident pages */
	SHARE_SWAPPED,	/* by swapped pages */
};

enum unit { UNIT_SIZE, UNIT_NUMBER };

struct counter_info {
	const char *key;  /* in smaps; NULL: derived */
	const char *name; /* in JSON; NULL: not shown on its own */
	enum share share;
	bool is_count;	/* a bare number, not a size */
	uint64_t parts; /* of a derived counter: COUNTER_BIT()s */
};

extern const struct counter_info counters[N_COUNTERS];

/* The kernel's counters that are needed to compute all of `wanted` (COUNTER_BIT()s). */
uint64_t counter_sources(uint64_t wanted);

/* The counter with this smaps key (not NUL-terminated), or N_KERNEL_COUNTERS. */
enum counter counter_find(const char *key, size_t len);
