/* SPDX-License-Identifier: MIT */
/*
 * Allocators whose heaps are not read: recognised by their modules, or by the names that they give
 * their mappings.
 */
#pragma once

#include "model/space.h"

/* Their names, such as "jemalloc, the JVM"; the caller frees the string. NULL: none was recognised. */
char *find_other_allocators(const struct space *space);
