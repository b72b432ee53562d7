/* SPDX-License-Identifier: MIT */
#include "proc/unfinished_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "proc/helper_process.h"
#include "proc/read_file.h"

struct files {
	const char *root;
	int pid;
};

static int read_file(const struct files *files, const char *name, char **ret)
{
	_cleanup_free_ char *path = mem_format("%s/%d/%s", files->root, files->pid, name);
	size_t len;

	return proc_read_file(AT_FDCWD, path, ret, &len);
}

/*
 * statm can always be read. Until execve() has loaded the program, the new memory has a size but no
 * text. Hardly any other process looks like that; a kernel thread or a zombie has no size either.
 */
static bool may_be_in_exec(const struct files *files)
{
	_cleanup_free_ char *statm = NULL;
	uint64_t size, text;

	return read_file(files, "statm", &statm) == 0 &&
	       sscanf(statm, "%" SCNu64 " %*u %*u %" SCNu64, &size, &text) == 2 && size > 0 && text == 0;
}

static int read_stat(void *context, void *answer _unused_)
{
	_cleanup_free_ char *stat = NULL;

	/* Only whether it returns matters: what is wrong with the file is found out later. */
	read_file(context, "stat", &stat);
	return 0;
}

int await_exec(const char *root, int pid, int *run_ms_left, struct error *err)
{
	struct proc proc = { .patience = patience_with_next(run_ms_left) };
	struct files files = { root, pid };
	char nothing;
	int r = may_be_in_exec(&files) ? ask_helper(&proc, read_stat, &files, &nothing, 0) : 0;

	if (r == -ETIMEDOUT)
		return error_set(err, r,
				 "does not answer: it has not finished executing a program (execve), and "
				 "until then its memory cannot be read");
	if (r < 0)
		return error_set(err, r, "cannot find out whether it answers: %s", strerror(-r));
	return 0;
}
