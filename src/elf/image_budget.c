/* SPDX-License-Identifier: MIT */
#include "elf/image_budget.h"

#include <elf.h>
#include <errno.h>

int image_budget_take(struct image_budget *budget, uint64_t n)
{
	if (!budget->is_exceeded && n <= budget->left) {
		budget->left -= n;
		return 0;
	}
	budget->is_exceeded = true;
	return -ENOBUFS;
}

int image_budget_take_bytes(struct image_budget *budget, uint64_t n)
{
	return image_budget_take(budget, n / sizeof(Elf64_Shdr));
}
