/* SPDX-License-Identifier: MIT */
#include "proc/failed_reads.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proc/read_file.h"

/* Files that anybody who can see the process may read. */
static bool is_public(const char *what)
{
	static const char *const names[] = {
		"comm",	   "coredump_filter", "limits", "loadavg", "max_map_count",
		"meminfo", "passwd",	      "stat",	"status",  "task",
	};
	const char *slash = strrchr(what, '/');

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(slash ? slash + 1 : what, names[i]) == 0)
			return true;
	return false;
}

static bool is_plain_answer(const char *what, int code)
{
	switch (-code) {
	case 0:
	case ENOENT:
	case ESRCH:
	case ENOTDIR:
	case EISDIR:
	case EINVAL:
	case ENXIO:
	case EFAULT:
	case ENODATA:
	case ENOTTY:
	case ENOSYS:
	case ENOTSUP:
	case ESTALE: /* another file has taken its place */
		return true;
	case EACCES:
	case EPERM:
		return !is_public(what);
	default:
		return false;
	}
}

void proc_report(struct proc *proc, const char *what, int code)
{
	if (is_plain_answer(what, code))
		return;
	if (proc->n_unread++ > 0)
		return;
	proc->unread = mem_copy(what, strlen(what));
	proc->unread_code = code;
}

char *proc_read(struct proc *proc, int dir_fd, const char *name, size_t *ret_len)
{
	char *text = NULL;
	int r = proc_read_file(dir_fd, name, &text, ret_len);

	proc_report(proc, name, r);
	return text;
}

uint64_t proc_read_number(struct proc *proc, int dir_fd, const char *name, int base)
{
	size_t len;
	_cleanup_free_ char *text = proc_read(proc, dir_fd, name, &len);
	uint64_t number;
	char *end;

	if (!text)
		return UNKNOWN;
	number = strtoull(text, &end, base);
	return end == text ? UNKNOWN : number;
}

void proc_note_unread(const struct proc *proc, struct notes *notes)
{
	/* The process that read the frames has already added this note, with its own failures and ours. */
	if (notes_have(notes, "unread"))
		return;
	if (proc->n_unread == 1)
		notes_warn(notes, "unread", "could not read %s: %s: its data is missing", proc->unread,
			   strerror(-proc->unread_code));
	else if (proc->n_unread > 1)
		notes_warn(notes, "unread", "could not read %s: %s, and %zu more: their data is missing",
			   proc->unread, strerror(-proc->unread_code), proc->n_unread - 1);
}
