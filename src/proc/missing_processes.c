/* SPDX-License-Identifier: MIT */
#include "proc/missing_processes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define CODES "processes-" /* how the codes of these notes begin */

void missing_add(struct missing *missing, int pid)
{
	size_t n = MIN(missing->n, MISSING_NAMED);
	size_t at = 0;

	/* PIDs come in any order. */
	while (at < n && missing->pids[at] < pid)
		at++;
	if (at < MISSING_NAMED) {
		memmove(&missing->pids[at + 1], &missing->pids[at],
			(MIN(n, MISSING_NAMED - 1) - at) * sizeof(*missing->pids));
		missing->pids[at] = pid;
	}
	missing->n++;
}

void count_missing_process(struct missing_processes *missing, int pid, int code)
{
	if (code == -EACCES || code == -EPERM)
		missing_add(&missing->refused, pid);
	else if (code != -ENOENT && code != -ESRCH && code != -ENODATA && code != -ESTALE)
		missing_add(&missing->unread, pid);
	else
		missing->n_all--;
}

/* "2 of 9 processes `what` (PIDs 1, 20)" */
static char *describe(const struct missing *missing, size_t n_all, const char *what)
{
	char pids[MISSING_NAMED * 16] = "";
	char others[32] = "";

	for (size_t i = 0; i < MIN(missing->n, MISSING_NAMED); i++) {
		size_t len = strlen(pids);

		snprintf(pids + len, sizeof(pids) - len, "%s%d", i > 0 ? ", " : "", missing->pids[i]);
	}
	if (missing->n > MISSING_NAMED)
		snprintf(others, sizeof(others), " and %zu more", missing->n - MISSING_NAMED);
	return mem_format("%zu of %zu process%s %s (PID%s %s%s)", missing->n, n_all, n_all == 1 ? "" : "es",
			  what, missing->n == 1 ? "" : "s", pids, others);
}

char *describe_refused(const struct missing *refused, size_t n_all, const char *hint)
{
	_cleanup_free_ char *text = describe(refused, n_all, "may not be read");
	bool is_root = geteuid() == 0;

	return mem_format("%s%s%s", text, is_root ? "" : ": root may read all", is_root ? "" : hint);
}

static void note(struct notes *notes, const char *code, char *text)
{
	notes_warn(notes, code, "%s", text);
	free(text);
}

void note_missing_processes(const struct missing_processes *missing, const char *hint, struct notes *notes)
{
	size_t n_all = missing->n_all;

	if (missing->refused.n > 0)
		note(notes, CODES "denied", describe_refused(&missing->refused, n_all, hint));
	if (missing->unread.n > 0)
		note(notes, CODES "unread", describe(&missing->unread, n_all, "could not be read"));
	if (missing->silent.n > 0)
		note(notes, CODES "silent", describe(&missing->silent, n_all, "did not answer in time"));
}

bool is_note_of_missing(const struct note *note)
{
	return strncmp(note->code, CODES, strlen(CODES)) == 0;
}
