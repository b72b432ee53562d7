/* SPDX-License-Identifier: MIT */
#include "proc/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/util.h"

#define FILE_MAX ((size_t)64 << 20) /* bytes of a file that is read as a whole; real ones are far smaller */

/*
 * Why there is no such file. If the process ends between the kernel's lookups of its directory and
 * of the name in it, the error is ENOENT too (proc_pident_lookup() in fs/proc/base.c); the
 * directory itself shows which it was.
 */
static int explain_absence(int dir_fd)
{
	return faccessat(dir_fd, ".", F_OK, 0) != 0 && errno == ESRCH ? -ESRCH : -ENOENT;
}

int proc_open_file(int dir_fd, const char *name)
{
	_cleanup_close_ int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return errno == ENOENT ? explain_absence(dir_fd) : -errno;
	/* A recorded tree can hold anything; a file that is not regular could block, or never end. */
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	return steal_fd(&fd);
}

int proc_read_file(int dir_fd, const char *name, char **ret, size_t *ret_len)
{
	_cleanup_close_ int fd = proc_open_file(dir_fd, name);
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	size_t cap = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	do {
		if (len > FILE_MAX)
			return -EFBIG;
		if (cap - len < 2) {
			cap = cap ? cap * 2 : 4096;
			text = mem_realloc(text, cap, 1);
		}
		n = read(fd, text + len, cap - len - 1);
		if (n > 0)
			len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return -errno;
	text[len] = '\0';
	*ret = steal_text(&text);
	*ret_len = len;
	return 0;
}

int proc_read_comm(const struct proc_stat *stat, int dir_fd, const char *name, char **ret, size_t *ret_len)
{
	int r;

	if (stat->state) {
		*ret = mem_copy(stat->comm, stat->comm_len);
		*ret_len = stat->comm_len;
		return 0;
	}
	r = proc_read_file(dir_fd, name, ret, ret_len);
	/* The kernel adds the newline at the end; one before it belongs to the name. */
	if (r == 0 && *ret_len > 0 && (*ret)[*ret_len - 1] == '\n')
		(*ret)[--*ret_len] = '\0';
	return r;
}

int proc_read_link(int dir_fd, const char *name, char **ret, size_t *ret_len)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir_fd, name, target, sizeof(target));

	if (n < 0)
		return -errno;
	*ret = mem_copy(target, (size_t)n);
	*ret_len = (size_t)n;
	return 0;
}
