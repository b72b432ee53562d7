/* SPDX-License-Identifier: MIT */
/* The counters of regions in a snapshot, as far as somebody asks for them. */
#pragma once

#include "snapshot/target.h"

/* A row for the region that has just been added. */
void begin_usage(struct target_reader *reader);

take_fn take_usage, take_flags;

/* Those of a sum, reader->sum, which makes room for them. */
take_fn take_sum_usage;

/* Adds the counters of row `from` to those of row `to`. */
void join_usage(struct target_reader *reader, uint32_t to, uint32_t from);

/* Brings rows to where the model has them, and notes what was asked for and not saved. */
void settle_usage(struct target_reader *reader);
