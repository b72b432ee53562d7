/* SPDX-License-Identifier: MIT */
#include "model/sharing.h"

#include <stdlib.h>

void sharing_done(struct sharing *sharing)
{
	for (size_t i = 0; i < sharing->n_processes; i++)
		free(sharing->processes[i].comm);
	free(sharing->processes);
	for (size_t i = 0; i < sharing->n_regions; i++)
		free(sharing->regions[i].users);
	free(sharing->regions);
	*sharing = (struct sharing){ 0 };
}
