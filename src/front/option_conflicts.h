/* SPDX-License-Identifier: MIT */
/*
 * Which options go together.
 */
#pragma once

#include "front/options.h"

/*
 * What cannot be done is refused, and nothing that was asked for is passed over: 0, or -EINVAL with one line
 * on what does not go together.
 */
int options_check(const struct options *options, struct error *err);
