/* SPDX-License-Identifier: MIT */
/*
 * The style sheet of pictures: colours of the kinds, by day, by night and on paper. Kinds have the hues that tables
 * give them. Text on them has a contrast of at least 4.5, and neighbours differ in lightness, too.
 */
#pragma once

#include "base/out.h"

void svg_put_style(struct out *out);
