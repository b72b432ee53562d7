/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "heap/address_set.h"

#define N 100000

Test(address_set, adds_each_address_once)
{
	struct address_set set = { 0 };

	for (uint64_t i = 0; i < N; i++)
		cr_assert(address_set_add(&set, i << 20));
	for (uint64_t i = 0; i < N; i++)
		cr_assert_not(address_set_add(&set, i << 20));
	cr_assert(set.n == N);
	cr_assert(address_set_add(&set, 16));
	address_set_done(&set);
	cr_assert(set.n == 0);
}
