/* SPDX-License-Identifier: MIT */
/*
 * Findings: properties of a process's memory that matter for its security.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "model/judgement.h"

enum severity {
	SEVERITY_NOTE,	  /* good to know */
	SEVERITY_WARNING, /* makes an attack, or an accident, more likely */
	SEVERITY_ERROR,	  /* a protection that nearly every process has is missing */
	N_SEVERITIES,
};

extern const char *const severity_names[N_SEVERITIES];

struct finding {
	enum severity severity;
	uint32_t region; /* the first region that it is about, or NO_REGION */
	uint32_t object; /* the file that it is about; 0: none */
	char *code;	 /* all three owned */
	char *text;	 /* one sentence, safe to print */
	char *cure;	 /* what to do, or to find out, in one sentence */
};

struct findings {
	struct finding *items; /* the worst first */
	size_t n, cap;
};

void findings_done(struct findings *findings);

/* Adds a finding without texts, region or object. The pointer is valid until the next one is added. */
struct finding *findings_add(struct findings *findings, enum severity severity);

/* Sorts the worst first; findings of one severity keep their order. */
void findings_sort(struct findings *findings);
