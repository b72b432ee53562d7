/* SPDX-License-Identifier: MIT */
#include "heap/address_set.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/hash.h"
#include "base/mem.h"

#define SLOTS_MIN 1024 /* a power of two, as all numbers of slots are */

/* Which slots come out depends on the seed, which the target cannot know. */
static size_t first_slot(const struct address_set *set, uint64_t addr)
{
	return (size_t)hash_mix(addr ^ set->seed) & (set->n_slots - 1);
}

/* The slot that holds an address, or else the one to put it into. */
static uint64_t *find_slot(const struct address_set *set, uint64_t addr)
{
	size_t i = first_slot(set, addr);

	while (set->slots[i] != 0 && set->slots[i] != addr + 1)
		i = (i + 1) & (set->n_slots - 1);
	return &set->slots[i];
}

static void grow(struct address_set *set)
{
	struct address_set old = *set;

	/* Without a seed, for lack of random bytes, the set only may be slow. */
	if (old.n_slots == 0 && getrandom(&set->seed, sizeof(set->seed), GRND_NONBLOCK) < 0)
		set->seed = (uintptr_t)set;
	set->n_slots = MAX(2 * old.n_slots, (size_t)SLOTS_MIN);
	set->slots = mem_alloc(set->n_slots * sizeof(*set->slots));
	for (size_t i = 0; i < old.n_slots; i++)
		if (old.slots[i] != 0)
			*find_slot(set, old.slots[i] - 1) = old.slots[i];
	free(old.slots);
}

bool address_set_add(struct address_set *set, uint64_t addr)
{
	uint64_t *slot;

	if (set->n >= set->n_slots / 3 * 2)
		grow(set);
	slot = find_slot(set, addr);
	if (*slot != 0)
		return false;
	*slot = addr + 1;
	set->n++;
	return true;
}

void address_set_done(struct address_set *set)
{
	free(set->slots);
	*set = (struct address_set){ 0 };
}
