/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "proc/process.h"
#include "proc/read_file.h"

struct credentials {
	uint64_t uid;
	uint64_t permitted; /* capabilities */
};

static bool read_credentials(int dir_fd, const char *name, struct credentials *ret)
{
	size_t len;
	_cleanup_free_ char *status = NULL;

	if (proc_read_file(dir_fd, name, &status, &len) < 0)
		return false;
	ret->uid = parse_status_user(status);
	return ret->uid != UNKNOWN && parse_status_hex(status, "CapPrm", &ret->permitted);
}

static bool has_capability(const struct credentials *credentials, unsigned capability)
{
	return credentials->permitted & (UINT64_C(1) << capability);
}

/* Whether the file's mode forbids reading it, which CAP_SYS_PTRACE does not override. */
static bool is_of_another_user(const struct credentials *mine, const struct stat *file)
{
	return file->st_uid != mine->uid && !(file->st_mode & S_IROTH) &&
	       !has_capability(mine, CAP_DAC_READ_SEARCH) && !has_capability(mine, CAP_DAC_OVERRIDE);
}

int proc_explain(struct proc *proc, const char *what, int code, struct error *err)
{
	struct credentials mine = { 0 };
	struct credentials its = { 0 };
	const char *why;
	struct stat owner;

	if (code == -ESRCH || code == -ENOENT)
		return error_set(err, -ESRCH, "the process ended while it was being read");
	if (code != -EACCES && code != -EPERM)
		return error_set(err, code, "cannot read %s: %s", what, strerror(-code));
	if (!read_credentials(AT_FDCWD, "/proc/self/status", &mine) ||
	    !read_credentials(proc->fd, "status", &its) || fstatat(proc->fd, what, &owner, 0) != 0)
		return error_set(err, code, "cannot read %s: permission denied", what);
	if (has_capability(&mine, CAP_SYS_PTRACE) && is_of_another_user(&mine, &owner))
		why = "only its user may, or anyone with CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE";
	else if (has_capability(&mine, CAP_SYS_PTRACE))
		why = "a security module or a user namespace forbids it, even with CAP_SYS_PTRACE";
	else if (mine.uid == 0)
		why = "root lacks CAP_SYS_PTRACE here; run memmap outside the container, or grant it";
	else if (mine.uid != its.uid)
		return error_set(err, code,
				 "cannot read %s: permission denied: the process belongs to "
				 "user %" PRIu64 "; run memmap as that user or as root",
				 what, its.uid);
	else if (its.permitted & ~mine.permitted)
		why = "the process has capabilities that you lack; run memmap as root";
	else if (owner.st_uid != mine.uid)
		why = "the process is not dumpable (a set-id program, PR_SET_DUMPABLE, or an "
		      "executable that you may not read); run memmap as root";
	else
		why = "a security module or the ptrace settings forbid it; run memmap as root";
	return error_set(err, code, "cannot read %s: permission denied: %s", what, why);
}
