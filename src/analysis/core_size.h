/* SPDX-License-Identifier: MIT */
/*
 * The size of the core that the kernel would write for a process (fs/coredump.c, vma_dump_size()):
 * whole mappings, by their kind and the process's filter, and the first page of ELF files that are
 * not dumped whole.
 */
#pragma once

#include "model/facts.h"

/* The smaps counters that the forecast needs, besides VmFlags. */
#define CORE_SIZE_COUNTERS (COUNTER_BIT(COUNTER_ANONYMOUS) | COUNTER_BIT(COUNTER_SWAP))

/*
 * The sum over PT_LOADs, in bytes, without the core's headers and notes. UNKNOWN if anything that
 * decides it was not read.
 *
 * The sum may be too small: the kernel dumps a private mapping if it was ever written to, which may
 * no longer show. The process may have given all its pages back, or mprotect(2) may have split the
 * mapping and left no pages in this part. Neighbours prove nothing: memory beside a written part,
 * such as the rest of a malloc arena, was mostly never written to.
 */
uint64_t forecast_core_size(const struct facts *facts) _pure_;
