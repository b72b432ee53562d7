/* SPDX-License-Identifier: MIT */
#include "model/leaks.h"

#include <stdlib.h>

void leaks_done(struct leaks *leaks)
{
	free(leaks->items);
	*leaks = (struct leaks){ 0 };
}
