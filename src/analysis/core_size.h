/* SPDX-License-Identifier: MIT */
/*
 * How large a core the kernel would write of a process (fs/coredump.c, vma_dump_size()): whole mappings by their kind
 * and the process's filter, and of ELF files that were only read, the first page.
 */
#pragma once

#include "model/facts.h"

/* Those of smaps that it takes, beside VmFlags. */
#define CORE_SIZE_COUNTERS (COUNTER_BIT(COUNTER_ANONYMOUS) | COUNTER_BIT(COUNTER_SWAP))

/*
 * The sum over PT_LOADs, in bytes; the file has its headers and notes beside it. UNKNOWN where a part of what decides
 * was not read. Private memory that was written to and that was then given back, all of it, the kernel dumps as well,
 * and nothing shows it: it is not counted here.
 */
uint64_t forecast_core_size(const struct facts *facts) _pure_;
