/* SPDX-License-Identifier: MIT */
/*
 * The counters of regions, once these are known: what smaps said of whole mappings is divided
 * by counting pages, and where only resident and swapped memory is asked for, it is counted without smaps.
 */
#pragma once

#include "model/facts.h"
#include "model/judgement.h"
#include "source/source.h"

/* Divides the counters that source_read_facts() has read. Nothing to do where there are none. */
void measure_divided(struct source *source, const struct facts *facts, struct judgement *judgement);

/*
 * Counts COUNTER_RSS and COUNTER_SWAP, for which facts->usage has slots, of every region. 0, or a
 * negative errno where the page map cannot be scanned: smaps has them too.
 */
int measure_resident(struct source *source, const struct facts *facts, struct judgement *judgement);
