/* SPDX-License-Identifier: MIT */
#include "model/answers.h"

#include <stdlib.h>

const char *const page_state_names[N_PAGE_STATES] = {
	[PAGES_UNTOUCHED] = "untouched", [PAGES_RESIDENT] = "resident", [PAGES_ZERO] = "zero",
	[PAGES_SWAPPED] = "swapped",	 [PAGES_GUARD] = "guard",	[PAGES_UNKNOWN] = NULL,
};

void answers_done(struct answers *answers)
{
	free(answers->lowest);
	free(answers->page_runs);
	for (size_t i = 0; i < answers->n_lookups; i++) {
		free(answers->lookups[i].symbol);
		free(answers->lookups[i].section);
		if (answers->lookups[i].block)
			free(answers->lookups[i].block->class_name);
		free(answers->lookups[i].block);
	}
	free(answers->lookups);
	frames_free(answers->frames);
	heap_done(&answers->heap);
	block_list_done(&answers->blocks);
	leaks_done(&answers->leaks);
	sharing_done(&answers->sharing);
	findings_done(&answers->findings);
	notes_done(&answers->notes);
	*answers = (struct answers){ 0 };
}
