/* SPDX-License-Identifier: MIT */
/*
 * Which regions the user wants to see.
 */
#pragma once

#include "model/request.h"
#include "model/space.h"

/* The indices of the regions that are selected, in order; the caller frees them. */
uint32_t *select_regions(const struct space *space, const struct selection *selection, size_t *ret_n);
