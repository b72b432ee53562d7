/* SPDX-License-Identifier: MIT */
/*
 * The text of /proc/PID/smaps_rollup: the kernel's sums over all mappings. Pure: text in, numbers out.
 */
#pragma once

#include "model/process_row.h"

/* In bytes. Hugetlb pages count as resident here, though the kernel's Rss leaves them out. */
struct process_sums parse_rollup(const char *text);
