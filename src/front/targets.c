/* SPDX-License-Identifier: MIT */
#include "front/targets.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "front/file_type.h"
#include "front/nearest.h"
#include "proc/mapped_file.h"
#include "proc/process.h"
#include "proc/process_list.h"
#include "proc/read_file.h"
#include "proc/user.h"

int select_user(const char *user, uint64_t *ret, struct error *err)
{
	*ret = user_number(user);
	if (*ret != UNKNOWN)
		return 0;
	if (text_parse_u64(user, 10, ret) && *ret < UINT32_MAX)
		return 0;
	return error_set(err, -ENOENT, "unknown user '%.64s'", user);
}

/* With the newline that the kernel adds. */
static bool is_comm(const char *comm, size_t len, const char *name)
{
	return len == strlen(name) + 1 && memcmp(comm, name, len - 1) == 0;
}

static bool is_exe(int dir_fd, const char *name)
{
	size_t len;
	_cleanup_free_ char *exe = proc_read_link(dir_fd, "exe", &len);
	const char *base = exe ? strrchr(exe, '/') : NULL;
	const char *rest;

	if (!base || strncmp(base + 1, name, strlen(name)) != 0)
		return false;
	rest = base + 1 + strlen(name);
	return *rest == '\0' || strcmp(rest, DELETED_SUFFIX) == 0;
}

/* If it is not, its name may be what was meant. */
static bool is_called(int root_fd, int pid, const char *name, struct nearest *nearest)
{
	char number[16];
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *comm = NULL;
	size_t len = 0;

	snprintf(number, sizeof(number), "%d", pid);
	fd = openat(root_fd, number, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	comm = fd >= 0 ? proc_read_file(fd, "comm", &len) : NULL;
	if (!comm || len == 0)
		return false;
	if (is_comm(comm, len, name) || is_exe(fd, name))
		return true;
	comm[len - 1] = '\0';
	nearest_try(nearest, comm);
	return false;
}

static int refuse_name(const char *name, uint64_t uid, const struct nearest *nearest, struct error *err)
{
	const char *whose = uid == ANY_USER ? "" : " and user";

	if (access(name, F_OK) == 0)
		return error_set(err, -ESRCH, "no process of that name%s; for the file, give ./%s", whose,
				 name);
	if (*nearest->best)
		return error_set(err, -ESRCH, "no process of that name%s; did you mean '%s'?", whose,
				 nearest->best);
	return error_set(err, -ESRCH, "no process of that name%s", whose);
}

static int select_by_name(const char *name, const char *procfs, uint64_t uid, struct target **ret,
			  size_t *ret_n, struct error *err)
{
	_cleanup_close_ int root_fd = open(procfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ int *pids = NULL;
	struct target *targets;
	struct nearest nearest;
	size_t n, found = 0;
	int r = proclist(procfs, uid, &pids, &n, err);

	if (r < 0)
		return r;
	nearest_init(&nearest, name, strlen(name));
	targets = mem_array(n, sizeof(*targets));
	for (size_t i = 0; i < n; i++)
		if (pids[i] != getpid() && is_called(root_fd, pids[i], name, &nearest))
			targets[found++] = (struct target){ .pid = pids[i], .is_found = true, .fd = -1 };
	if (found == 0) {
		free(targets);
		return refuse_name(name, uid, &nearest, err);
	}
	*ret = targets;
	*ret_n = found;
	return 0;
}

static int select_pid(const char *number, struct target *ret, struct error *err)
{
	uint64_t pid;

	if (!text_parse_u64(number, 10, &pid) || pid == 0 || pid > INT_MAX)
		return error_set(err, -ESRCH, "no such process");
	*ret = (struct target){ .source = ORIGIN_PROCESS, .pid = (int)pid, .fd = -1 };
	return 0;
}

/* "1,2,3" */
static int select_pids(const char *operand, struct target **ret, size_t *ret_n, struct error *err)
{
	_cleanup_free_ char *list = mem_copy(operand, strlen(operand));
	struct target *targets = mem_array(strlen(operand) / 2 + 1, sizeof(*targets));
	char *rest = list;
	size_t n = 0;
	int r = 0;

	for (char *number; r == 0 && (number = strsep(&rest, ",")); n++) {
		r = select_pid(number, &targets[n], err);
		targets[n].is_listed = true;
	}
	if (r < 0) {
		free(targets);
		return r;
	}
	*ret = targets;
	*ret_n = n;
	return 0;
}

static int select_file(const char *operand, struct target *ret, struct error *err)
{
	if (strcmp(operand, "-") == 0)
		return error_set(err, -ENOTSUP, "snapshots are not read by this version");
	ret->path = operand;
	return recognise_file(operand, &ret->source, &ret->fd, err);
}

int select_targets(const char *operand, const char *procfs, uint64_t uid, struct target **ret, size_t *ret_n,
		   struct error *err)
{
	struct target target = { .source = ORIGIN_PROCESS, .fd = -1 };
	size_t digits = strspn(operand, "0123456789,");
	int r;

	if (*operand && operand[digits] == '\0' && strchr(operand, ','))
		return select_pids(operand, ret, ret_n, err);
	if (operand[strspn(operand, "0123456789")] == '\0' && *operand)
		r = select_pid(operand, &target, err);
	else if (strchr(operand, '/') || strcmp(operand, "-") == 0)
		r = select_file(operand, &target, err);
	else
		return select_by_name(operand, procfs, uid, ret, ret_n, err);
	if (r < 0)
		return r;
	*ret = mem_alloc(sizeof(**ret));
	**ret = target;
	*ret_n = 1;
	return 0;
}

void targets_free(struct target *targets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		cleanup_close(&targets[i].fd);
	free(targets);
}
