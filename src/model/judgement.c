/* SPDX-License-Identifier: MIT */
#include "model/judgement.h"

#include <stdlib.h>

#include "base/range.h"

void judgement_done(struct judgement *judgement)
{
	free(judgement->modules);
	free(judgement->anon_uses);
	free(judgement->regions);
	free(judgement->shares.values);
	free(judgement->stacks);
	*judgement = (struct judgement){ 0 };
}

size_t judgement_next_region(const struct judgement *judgement, uint64_t addr)
{
	return range_find(judgement->regions, judgement->n_regions, sizeof(*judgement->regions), addr);
}

uint32_t judgement_region(const struct judgement *judgement, uint64_t addr)
{
	size_t i = judgement_next_region(judgement, addr);

	return i < judgement->n_regions && judgement->regions[i].start <= addr ? (uint32_t)i : NO_REGION;
}
