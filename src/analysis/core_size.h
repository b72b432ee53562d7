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
 * was not read. It may be too small: the kernel goes by whether a private mapping was ever written to, which it may not
 * show. All of it may have been given back since, or it is the part without pages of a mapping that mprotect(2)
 * has divided. Its neighbours prove nothing: what lies beside a written part, as the rest of an arena of malloc,
 * mostly never was.
 */
uint64_t forecast_core_size(const struct facts *facts) _pure_;
