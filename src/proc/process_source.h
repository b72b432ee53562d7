/* SPDX-License-Identifier: MIT */
/*
 * A process, live or recorded, as a source.
 */
#pragma once

#include "proc/process.h"
#include "source/source.h"

struct proc_source {
	struct source source; /* for callers */
	struct proc proc;
};

/* Like proc_open(). Ends with source_close(). */
int proc_source_open(struct proc_source *process, const char *root, int pid, int *run_ms_left,
		     struct error *err);
