/* SPDX-License-Identifier: MIT */
/*
 * Findings: what somebody who cares for the security of a process should know about its memory.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "model/judgement.h"

enum severity {
	SEVERITY_NOTE,	  /* good to know */
	SEVERITY_WARNING, /* makes an attack, or an accident, more likely */
	SEVERITY_ERROR,	  /* a protection is not there that nearly every process has */
	N_SEVERITIES,
};

extern const char *const severity_names[N_SEVERITIES];

struct finding {
	enum severity severity;
	uint32_t region; /* the first that it is about, or NO_REGION */
	uint32_t object; /* the file that it is about; 0: none */
	char *code;	 /* all three owned */
	char *text;	 /* one sentence, safe to print */
	char *cure;	 /* what helps, or is to be asked, in a sentence */
};

struct findings {
	struct finding *items; /* the worst first */
	size_t n, cap;
};

void findings_done(struct findings *findings);

/* A new one without texts, with no region and no object; it stays where it is until the next one. */
struct finding *findings_add(struct findings *findings, enum severity severity);

/* The worst first; otherwise as they are. */
void findings_sort(struct findings *findings);
