/* SPDX-License-Identifier: MIT */
/*
 * One plain sentence about a region for somebody who has never read /proc: what it is, why it is
 * there, and how that is known.
 */
#pragma once

#include "model/space.h"

/* The caller frees it. Names in it are safe to print. */
char *explain(const struct space *space, const struct region *region);
