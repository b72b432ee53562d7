/* SPDX-License-Identifier: MIT */
/*
 * Numbers that look random and are the same in each run.
 */
#pragma once

#include <stdint.h>

/* From 0 to n - 1. */
uint64_t random_below(uint64_t n);
