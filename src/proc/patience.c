/* SPDX-License-Identifier: MIT */
#include "proc/patience.h"

#include "base/util.h"

struct patience patience_with_next(int *run_ms_left)
{
	struct patience patience = { .ms_free = PATIENCE_MOMENT_MS, .run_ms_left = run_ms_left };

	patience.ms_left = patience_limit(&patience, PATIENCE_MS);
	return patience;
}

int patience_limit(const struct patience *patience, int ms)
{
	return patience->run_ms_left ? MIN(ms, PATIENCE_MOMENT_MS + *patience->run_ms_left) : ms;
}

void patience_charge(struct patience *patience, int ms)
{
	int free = MIN(ms, patience->ms_free);

	patience->ms_free -= free;
	if (patience->run_ms_left)
		*patience->run_ms_left -= MIN(ms - free, *patience->run_ms_left);
}
