/* SPDX-License-Identifier: MIT */
/* The counters of regions in a snapshot, as far as they are asked for. */
#pragma once

#include "snapshot/target.h"

/* Adds a row for the region that was just added. */
void begin_usage(struct target_reader *reader);

take_fn take_usage, take_flags;

/* Takes the counters of a sum, reader->sum, and makes room for them there. */
take_fn take_sum_usage;

/* Adds the counters of row `from` to those of row `to`. */
void join_usage(struct target_reader *reader, uint32_t to, uint32_t from);

/* Moves rows to where the model has them, and notes what was asked for but not saved. */
void settle_usage(struct target_reader *reader);
