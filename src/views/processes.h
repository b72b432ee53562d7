/* SPDX-License-Identifier: MIT */
/*
 * Views of many processes: rows of type struct process_row, which belong to no address space.
 */
#pragma once

#include "model/process_row.h"
#include "views/views.h"

extern const struct view_info view_processes;

/* By enum grouping, of which GROUP_NONE has none: rows of group_processes(). */
extern const struct view_info views_of_groups[];
