/* SPDX-License-Identifier: MIT */
#include "model/finding.h"

#include <stdlib.h>

#include "base/mem.h"

const char *const severity_names[N_SEVERITIES] = {
	[SEVERITY_NOTE] = "note",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_ERROR] = "error",
};

void findings_done(struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		free(findings->items[i].code);
		free(findings->items[i].text);
		free(findings->items[i].cure);
	}
	free(findings->items);
	*findings = (struct findings){ 0 };
}

struct finding *findings_add(struct findings *findings, enum severity severity)
{
	mem_grow(findings->items, findings->n, findings->cap);
	findings->items[findings->n] = (struct finding){ .severity = severity, .region = NO_REGION };
	return &findings->items[findings->n++];
}

/* One pass for each severity, since there are few; findings of one severity keep their order. */
void findings_sort(struct findings *findings)
{
	struct finding *sorted = mem_array(findings->n, sizeof(*sorted));
	size_t n = 0;

	for (int severity = N_SEVERITIES - 1; severity >= 0; severity--)
		for (size_t i = 0; i < findings->n; i++)
			if ((int)findings->items[i].severity == severity)
				sorted[n++] = findings->items[i];
	free(findings->items);
	findings->items = sorted;
	findings->cap = findings->n;
}
