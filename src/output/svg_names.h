/* SPDX-License-Identifier: MIT */
/*
 * What the bands of an address space are called in a picture.
 */
#pragma once

#include "analysis/layout.h"

/* The caller frees both: any bytes; and where a heap or a stack grows to, or how much of it is used, NULL where there is nothing to say. */
char *svg_band_name(const struct strip *strip, const struct band *band);
char *svg_band_remark(const struct band *band);
