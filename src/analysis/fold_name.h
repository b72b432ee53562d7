/* SPDX-License-Identifier: MIT */
/*
 * Makes names the same that differ from run to run of a program: by process IDs, inodes, random
 * characters of mkstemp(3), build-ids or versions.
 */
#pragma once

#include <stddef.h>

/* A copy with "#" in place of each of these; the caller frees it. */
char *fold_name(const char *name, size_t len);
