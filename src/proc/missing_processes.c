/* SPDX-License-Identifier: MIT */
#include "proc/missing_processes.h"

#include <errno.h>
#include <unistd.h>

void count_missing_process(struct missing_processes *missing, int code)
{
	if (code == -EACCES || code == -EPERM)
		missing->n_refused++;
	else if (code != -ENOENT && code != -ESRCH && code != -ENODATA && code != -ESTALE)
		missing->n_unread++;
}

void note_missing_processes(const struct missing_processes *missing, const char *hint, struct notes *notes)
{
	bool is_root = geteuid() == 0;

	if (missing->n_refused > 0)
		notes_warn(notes, "processes-denied", "%zu of %zu processes may not be read%s%s",
			   missing->n_refused, missing->n_all, is_root ? "" : ": root may read all",
			   is_root ? "" : hint);
	if (missing->n_unread > 0)
		notes_warn(notes, "processes-unread", "%zu of %zu processes could not be read",
			   missing->n_unread, missing->n_all);
	if (missing->n_silent > 0)
		notes_warn(notes, "processes-silent", "%zu of %zu processes did not answer in time",
			   missing->n_silent, missing->n_all);
}
