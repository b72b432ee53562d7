/* SPDX-License-Identifier: MIT */
#include "proc/process_list.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/load_library.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/util.h"
#include "config.h"
#include "proc/parse_status.h"
#include "proc/process.h"
#include "proc/read_file.h"

struct list {
	int *pids;
	size_t n, cap;
};

static void add(struct list *list, int pid)
{
	mem_grow(list->pids, list->n, list->cap);
	list->pids[list->n++] = pid;
}

#ifdef LIBPROC2_SONAME

#include <libproc2/pids.h>

LIBRARY_NOTE(LIBPROC2_SONAME, "names", "Finding processes by name or user");

/* The functions that are used. The library's PIDS_VAL macro differs between versions; fields do not. */
struct libproc2 {
	__typeof__(&procps_pids_new) pids_new;
	__typeof__(&procps_pids_reap) pids_reap;
	__typeof__(&procps_pids_unref) pids_unref;
};

static bool load(struct libproc2 *lib)
{
	const struct library_function functions[] = {
		{ "procps_pids_new", &lib->pids_new },
		{ "procps_pids_reap", &lib->pids_reap },
		{ "procps_pids_unref", &lib->pids_unref },
	};

	return library_load(LIBPROC2_SONAME, functions, ARRAY_SIZE(functions));
}

/*
 * Adds the processes of `uid` to `list`, and all processes to `seen`. The library silently skips
 * what it cannot read: a process, or the rest of the directory.
 */
static void list_by_library(uint64_t uid, struct list *list, struct list *seen)
{
	enum { PID, UID, N_ITEMS };
	enum pids_item items[N_ITEMS] = { [PID] = PIDS_ID_TGID, [UID] = PIDS_ID_EUID };
	struct pids_info *info = NULL;
	struct pids_fetch *fetch = NULL;
	struct libproc2 lib;

	if (load(&lib) && lib.pids_new(&info, items, N_ITEMS) == 0)
		fetch = lib.pids_reap(info, PIDS_FETCH_TASKS_ONLY);
	for (int i = 0; fetch && i < fetch->counts->total; i++) {
		const struct pids_result *result = fetch->stacks[i]->head;

		add(seen, result[PID].result.s_int);
		if (uid == ANY_USER || result[UID].result.u_int == uid)
			add(list, result[PID].result.s_int);
	}
	if (info)
		lib.pids_unref(&info);
}

#else

static void list_by_library(uint64_t uid _unused_, struct list *list _unused_, struct list *seen _unused_)
{
}

#endif

static int compare_pids(const void *a, const void *b)
{
	int x = *(const int *)a;
	int y = *(const int *)b;

	return (x > y) - (x < y);
}

static void sort(struct list *list)
{
	mem_sort(list->pids, list->n, sizeof(*list->pids), compare_pids);
}

/* 1: the process is the user's; 0: it is not, has ended, or may not be read; or a negative errno. */
static int has_user(int dir_fd, const char *pid, uint64_t uid)
{
	char name[32];
	size_t len;
	_cleanup_free_ char *status = NULL;
	int r;

	if (uid == ANY_USER)
		return 1;
	snprintf(name, sizeof(name), "%.16s/status", pid);
	r = proc_read_file(dir_fd, name, &status, &len);
	if (r == -ENOENT || r == -ESRCH || r == -EACCES || r == -EPERM)
		return 0;
	return r < 0 ? r : parse_status_user(status) == uid;
}

static bool is_seen(const struct list *seen, int pid)
{
	return seen->n > 0 && bsearch(&pid, seen->pids, seen->n, sizeof(pid), compare_pids);
}

/* Adds the processes of `uid` that were not seen. */
static int add_others(DIR *dir, uint64_t uid, const struct list *seen, struct list *list)
{
	struct dirent *entry;
	uint64_t pid;
	int r;

	while (errno = 0, (entry = readdir(dir))) {
		if (!text_parse_u64(entry->d_name, 10, &pid) || pid == 0 || pid > INT_MAX ||
		    is_seen(seen, (int)pid))
			continue;
		r = has_user(dirfd(dir), entry->d_name, uid);
		if (r < 0)
			return r;
		if (r > 0)
			add(list, (int)pid);
	}
	return -errno;
}

static int list_by_directory(const char *root, uint64_t uid, const struct list *seen, struct list *list,
			     struct error *err)
{
	DIR *dir = opendir(root);
	int r;

	if (!dir)
		return error_set(err, -errno, "cannot open %s: %s", root, strerror(errno));
	r = add_others(dir, uid, seen, list);
	closedir(dir);
	return r < 0 ? error_set(err, r, "cannot list the processes in %s: %s", root, strerror(-r)) : 0;
}

int proclist(const char *root, uint64_t uid, int **ret, size_t *ret_n, struct error *err)
{
	struct list list = { 0 };
	struct list seen = { 0 };
	int r;

	/* The library knows only /proc. */
	if (strcmp(root, "/proc") == 0)
		list_by_library(uid, &list, &seen);
	sort(&seen);
	r = list_by_directory(root, uid, &seen, &list, err);
	free(seen.pids);
	if (r < 0) {
		free(list.pids);
		return r;
	}
	sort(&list);
	*ret = list.pids;
	*ret_n = list.n;
	return 0;
}
