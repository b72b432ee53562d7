/* SPDX-License-Identifier: MIT */
/*
 * The style sheet of pictures: colours of the kinds for light and dark screens and for paper. Kinds have the
 * same hues as in tables. Text on them has a contrast of at least 4.5, and neighbours also differ in
 * lightness.
 */
#pragma once

#include "base/out.h"

void svg_put_style(struct out *out);
