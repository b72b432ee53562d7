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

/* What is used of the library. Its PIDS_VAL macro differs between versions; fields do not. */
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

/* False when the library is not installed or fails: the directory itself then has to do. */
static bool list_by_library(uint64_t uid, struct list *list)
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

		if (uid == ANY_USER || result[UID].result.u_int == uid)
			add(list, result[PID].result.s_int);
	}
	if (info)
		lib.pids_unref(&info);
	return fetch != NULL;
}

#else

static bool list_by_library(uint64_t uid _unused_, struct list *list _unused_)
{
	return false;
}

#endif

static bool has_user(int dir_fd, const char *pid, uint64_t uid)
{
	char name[32];
	size_t len;
	_cleanup_free_ char *status = NULL;

	if (uid == ANY_USER)
		return true;
	snprintf(name, sizeof(name), "%.16s/status", pid);
	return proc_read_file(dir_fd, name, &status, &len) == 0 && parse_status_user(status) == uid;
}

static int list_by_directory(const char *root, uint64_t uid, struct list *list, struct error *err)
{
	DIR *dir = opendir(root);
	struct dirent *entry;
	uint64_t pid;

	if (!dir)
		return error_set(err, -errno, "cannot open %s: %s", root, strerror(errno));
	while ((entry = readdir(dir)))
		if (text_parse_u64(entry->d_name, 10, &pid) && pid > 0 && pid <= INT_MAX &&
		    has_user(dirfd(dir), entry->d_name, uid))
			add(list, (int)pid);
	closedir(dir);
	return 0;
}

static int compare_pids(const void *a, const void *b)
{
	int x = *(const int *)a;
	int y = *(const int *)b;

	return (x > y) - (x < y);
}

int proclist(const char *root, uint64_t uid, int **ret, size_t *ret_n, struct error *err)
{
	struct list list = { 0 };
	int r = 0;

	/* The library knows only /proc. */
	if (strcmp(root, "/proc") != 0 || !list_by_library(uid, &list))
		r = list_by_directory(root, uid, &list, err);
	if (r < 0) {
		free(list.pids);
		return r;
	}
	if (list.n > 0)
		qsort(list.pids, list.n, sizeof(*list.pids), compare_pids);
	*ret = list.pids;
	*ret_n = list.n;
	return 0;
}
