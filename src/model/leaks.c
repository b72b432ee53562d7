/* SPDX-License-Identifier: MIT */
#include "model/leaks.h"

void leaks_done(struct leaks *leaks)
{
	block_list_done(&leaks->list);
	*leaks = (struct leaks){ 0 };
}
