/* SPDX-License-Identifier: MIT */
/*
 * Names that differ in each run of a program, made the same: process IDs, inodes, what mkstemp(3) makes up,
 * build-ids and versions.
 */
#pragma once

#include <stddef.h>

/* A copy in which "#" stands for all that; the caller frees it. */
char *fold_name(const char *name, size_t len);
