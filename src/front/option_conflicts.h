/* SPDX-License-Identifier: MIT */
/*
 * Which options go together.
 */
#pragma once

#include "front/options.h"

/*
 * Refuses what cannot be done, rather than silently ignore an option: 0, or -EINVAL with one line
 * on what does not go together.
 */
int options_check(const struct options *options, struct error *err);
