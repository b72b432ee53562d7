/* SPDX-License-Identifier: MIT */
#include "front/targets.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/text.h"
#include "front/file_type.h"
#include "front/nearest_word.h"
#include "proc/process.h"
#include "proc/process_list.h"
#include "proc/read_file.h"
#include "proc/user_names.h"

#define EXE_TIMEOUT_MS 2000 /* how long to wait for the name of each executable */

int select_user(const char *user, uint64_t *ret, struct error *err)
{
	int r = user_number(user, ret);

	if (r == 0)
		return 0;
	if (text_parse_u64(user, 10, ret) && *ret < UINT32_MAX)
		return 0;
	if (r != -ENOENT)
		return error_set(err, r, "cannot look up user '%.64s': %s", user, strerror(-r));
	return error_set(err, r, "unknown user '%.64s'", user);
}

/* `comm` ends with the newline that the kernel adds. */
static bool is_comm(const char *comm, size_t len, const char *name)
{
	return len == strlen(name) + 1 && memcmp(comm, name, len - 1) == 0;
}

/* `link`: the exe link of a process. 1: it is; 0: it is not; or a negative errno. */
static int is_exe(int root_fd, const char *link, const char *name)
{
	size_t len;
	_cleanup_free_ char *exe = NULL;
	const char *base, *rest;
	int r = proc_read_link(root_fd, link, &exe, &len);

	if (r < 0)
		return r;
	base = strrchr(exe, '/');
	if (!base || strncmp(base + 1, name, strlen(name)) != 0)
		return 0;
	rest = base + 1 + strlen(name);
	return *rest == '\0' || strcmp(rest, DELETED_SUFFIX) == 0;
}

/* A process that has ended has no name; that is no error. */
static bool is_plain_answer(int code)
{
	return code >= 0 || code == -ENOENT || code == -ESRCH || code == -EINVAL || code == -EISDIR;
}

/* Processes of a name; how many names may not be read; how many failed otherwise, with the first errno. */
struct found {
	struct target *targets;
	size_t n, n_hidden, n_silent, n_unread;
	int code;
};

static void add_found(struct found *found, int pid)
{
	found->targets[found->n++] = (struct target){ .pid = pid, .is_found = true, .fd = -1 };
}

static void count_unread(struct found *found, int code)
{
	if (!is_plain_answer(code) && found->n_unread++ == 0)
		found->code = code;
}

/*
 * Whether a process is called `name`, by its comm, which never blocks. True: it is not, but its
 * executable may be. Offers a different name to `nearest`.
 */
static bool try_comm(int root_fd, int pid, const char *name, struct found *found, struct nearest *nearest)
{
	char path[32];
	_cleanup_free_ char *comm = NULL;
	size_t len = 0;
	int r;

	snprintf(path, sizeof(path), "%d/comm", pid);
	r = proc_read_file(root_fd, path, &comm, &len);
	if (r == -EACCES || r == -EPERM)
		found->n_hidden++;
	else
		count_unread(found, r);
	if (r < 0 || len == 0)
		return false;
	if (is_comm(comm, len, name)) {
		add_found(found, pid);
		return false;
	}
	comm[len - 1] = '\0';
	nearest_try(nearest, comm);
	return true;
}

/*
 * The kernel lets nobody read the exe link of a process that is stuck in execve() (see
 * proc/unfinished_exec.h), so the links are read by threads, which can be given up. Then this is
 * never freed.
 */
struct exe_search {
	int root_fd;
	char *name;
	int *pids;
	size_t n;
	struct found *found;
};

static void try_exe(const void *context, size_t i, void *result)
{
	const struct exe_search *search = context;
	char link[32];

	snprintf(link, sizeof(link), "%d/exe", search->pids[i]);
	*(int *)result = is_exe(search->root_fd, link, search->name);
}

/* The exe link of other users' processes mostly cannot be read. */
static void take_exe(void *taker, size_t i, void *result)
{
	const struct exe_search *search = taker;
	const int *r = result;

	if (!r)
		search->found->n_silent++;
	else if (*r > 0)
		add_found(search->found, search->pids[i]);
	else if (*r != -EACCES && *r != -EPERM)
		count_unread(search->found, *r);
}

static void find_by_exe(struct exe_search *search)
{
	const struct pool_jobs jobs = {
		.n = search->n,
		.result_size = sizeof(int),
		.run = try_exe,
		.context = search,
		.take = take_exe,
		.taker = search,
	};

	pool_run(&jobs, EXE_TIMEOUT_MS);
}

static int compare_targets(const void *a, const void *b)
{
	const struct target *x = a;
	const struct target *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* Takes over `root_fd`. */
static void find_called(int root_fd, const int *pids, size_t n, const char *name, struct found *found,
			struct nearest *nearest)
{
	struct exe_search *search = mem_alloc(sizeof(*search));

	search->root_fd = root_fd;
	search->name = mem_copy(name, strlen(name));
	search->pids = mem_array(n, sizeof(*search->pids));
	search->found = found;
	for (size_t i = 0; i < n; i++)
		if (pids[i] != getpid() && try_comm(root_fd, pids[i], name, found, nearest))
			search->pids[search->n++] = pids[i];
	find_by_exe(search);
	mem_sort(found->targets, found->n, sizeof(*found->targets), compare_targets);
	if (found->n_silent > 0)
		return;
	close(search->root_fd);
	free(search->name);
	free(search->pids);
	free(search);
}

static int refuse_name(const char *name, uint64_t uid, const struct nearest *nearest, size_t n_hidden,
		       struct error *err)
{
	const char *whose = uid == ANY_USER ? "" : " and user";

	if (n_hidden > 0)
		return error_set(err, -EACCES, "not found: the names of %zu process%s may not be read",
				 n_hidden, n_hidden == 1 ? "" : "es");
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
	struct found found = { 0 };
	struct nearest nearest;
	size_t n;
	int r = root_fd < 0 ? error_set(err, -errno, "cannot open %s: %s", procfs, strerror(errno)) :
			      proclist(procfs, uid, &pids, &n, err);

	if (r < 0)
		return r;
	nearest_init(&nearest, name, strlen(name));
	found.targets = mem_array(n, sizeof(*found.targets));
	find_called(steal_fd(&root_fd), pids, n, name, &found, &nearest);
	*ret = found.targets;
	*ret_n = found.n;
	if (found.n_unread > 0)
		return error_set(err, found.code, "cannot read the names of %zu process%s: %s",
				 found.n_unread, found.n_unread == 1 ? "" : "es", strerror(-found.code));
	if (found.n_silent > 0)
		return error_set(err, -ETIMEDOUT,
				 "%zu process%s did not answer in time: the executable may have this name",
				 found.n_silent, found.n_silent == 1 ? "" : "es");
	return found.n == 0 ? refuse_name(name, uid, &nearest, found.n_hidden, err) : 0;
}

int select_all_processes(const char *procfs, uint64_t uid, struct target **ret, size_t *ret_n,
			 struct error *err)
{
	_cleanup_free_ int *pids = NULL;
	struct target *targets;
	size_t n, found = 0;
	int r = proclist(procfs, uid, &pids, &n, err);

	if (r < 0)
		return r;
	targets = mem_array(n, sizeof(*targets));
	for (size_t i = 0; i < n; i++)
		if (pids[i] != getpid())
			targets[found++] = (struct target){ .pid = pids[i], .is_found = true, .fd = -1 };
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
	ret->path = operand;
	if (strcmp(operand, "-") != 0)
		return recognise_file(operand, &ret->source, &ret->is_text, &ret->fd, err);
	ret->is_text = true;
	ret->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	return ret->fd < 0 ? error_set(err, -errno, "%s", strerror(errno)) : 0;
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
