/* SPDX-License-Identifier: MIT */
#include "model/counter.h"

#include <string.h>

#define FIGURE_INFO(id, place, title, name_, share_, unit, key_, parts_, help) \
	[FIGURE_##id] = {                                                      \
		.key = key_,                                                   \
		.name = name_,                                                 \
		.share = SHARE_##share_,                                       \
		.is_count = UNIT_##unit == UNIT_NUMBER,                        \
		.parts = parts_,                                               \
	}

const struct figure_info figures[N_FIGURES] = {
	SUM_FIGURES(FIGURE_INFO),
	PROPERTY_FIGURES(FIGURE_INFO),
	[FIGURE_KERNEL_RSS] = { .key = "Rss", .share = SHARE_RESIDENT },
};

uint64_t figure_sources(uint64_t wanted)
{
	uint64_t sources = wanted & (FIGURE_BIT(N_KERNEL_FIGURES) - 1);

	for (enum figure f = N_KERNEL_FIGURES; f < N_FIGURES; f++)
		if (wanted & FIGURE_BIT(f))
			sources |= figures[f].parts;
	return sources;
}

enum figure figure_find(const char *key, size_t len)
{
	for (enum figure f = 0; f < N_KERNEL_FIGURES; f++)
		if (strlen(figures[f].key) == len && memcmp(figures[f].key, key, len) == 0)
			return f;
	return N_KERNEL_FIGURES;
}
