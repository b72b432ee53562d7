/* SPDX-License-Identifier: MIT */
/*
 * The counters of regions. smaps gives them for whole mappings; counting pages divides them among
 * regions. If only resident and swapped memory is asked for, it is counted without smaps.
 */
#pragma once

#include "model/facts.h"
#include "model/judgement.h"
#include "source/source.h"

/* Divides the counters that source_read_facts() has read, if any. */
void measure_divided(struct source *source, const struct facts *facts, struct judgement *judgement);

/*
 * Counts COUNTER_RSS and COUNTER_SWAP, for which facts->usage has slots, for every region. 0, or a
 * negative errno if the page map cannot be scanned, or does not show all swapped pages: smaps has
 * these counters, too.
 */
int measure_resident(struct source *source, const struct facts *facts, struct judgement *judgement);
