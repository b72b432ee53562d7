/* SPDX-License-Identifier: MIT */
/*
 * Views of many processes: rows of type struct process_row, which belong to no address space.
 */
#pragma once

#include "model/process_row.h"
#include "views/views.h"

extern const struct view_info view_processes;

/* Views of the rows of group_processes(), by enum grouping; there is none for GROUP_NONE. */
extern const struct view_info views_of_groups[];
