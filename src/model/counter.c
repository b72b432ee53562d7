/* SPDX-License-Identifier: MIT */
#include "model/counter.h"

#include <string.h>

#define COUNTER_INFO(id, place, title, name_, share_, unit, key_, parts_, help) \
	[COUNTER_##id] = {                                                      \
		.key = key_,                                                    \
		.name = name_,                                                  \
		.share = SHARE_##share_,                                        \
		.is_count = UNIT_##unit == UNIT_NUMBER,                         \
		.parts = parts_,                                                \
	}

const struct counter_info counters[N_COUNTERS] = {
	SUM_COUNTERS(COUNTER_INFO),
	PROPERTY_COUNTERS(COUNTER_INFO),
	[COUNTER_KERNEL_RSS] = { .key = "Rss", .share = SHARE_RESIDENT },
};

uint64_t counter_sources(uint64_t wanted)
{
	uint64_t sources = wanted & (COUNTER_BIT(N_KERNEL_COUNTERS) - 1);

	for (enum counter f = N_KERNEL_COUNTERS; f < N_COUNTERS; f++)
		if (wanted & COUNTER_BIT(f))
			sources |= counters[f].parts;
	return sources;
}

enum counter counter_find(const char *key, size_t len)
{
	for (enum counter f = 0; f < N_KERNEL_COUNTERS; f++)
		if (strlen(counters[f].key) == len && memcmp(counters[f].key, key, len) == 0)
			return f;
	return N_KERNEL_COUNTERS;
}
