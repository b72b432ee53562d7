/* SPDX-License-Identifier: MIT */
/* A set of addresses that the target chooses: it cannot make the set slow. { 0 } is empty. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_set {
	uint64_t *slots; /* an address + 1; 0: free */
	size_t n, n_slots;
	uint64_t seed;
};

/* Adds an address. False: it is there already. */
bool address_set_add(struct address_set *set, uint64_t addr);
void address_set_done(struct address_set *set);
