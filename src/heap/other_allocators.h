/* SPDX-License-Identifier: MIT */
/* Allocators whose heaps are not looked into: known by their modules, or by names that they give their memory. */
#pragma once

#include "model/space.h"

/* Their names, "jemalloc, the JVM"; the caller frees them. NULL: none was recognised. */
char *find_other_allocators(const struct space *space);
