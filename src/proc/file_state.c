/* SPDX-License-Identifier: MIT */
#include "proc/file_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "proc/file_identity.h"
#include "proc/file_server.h"
#include "proc/find_file.h"
#include "proc/find_path.h"
#include "proc/helper_process.h"
#include "proc/mapped_file.h"

static bool is_same(const struct object *object, const struct stat *truth, const struct stat *st)
{
	if (truth)
		return truth->st_dev == st->st_dev && truth->st_ino == st->st_ino;
	/* On overlayfs and btrfs only the device number may differ. */
	return file_has_identity(object, st) || st->st_ino == object->inode;
}

enum found { FOUND_NOTHING, FOUND_ANOTHER, FOUND_IT };

/* `truth`: the mapped file itself, if it is known. */
static enum found look_at(struct proc *proc, const struct object *object, const struct stat *truth,
			  const char *path)
{
	enum found found = FOUND_NOTHING;

	for (int way = 0; way < N_WAYS; way++) {
		_cleanup_close_ int fd = find_path_by_way(proc, path, way, true);
		struct stat st;

		if (fd < 0 || fstat(fd, &st) != 0)
			continue;
		if (is_same(object, truth, &st))
			return FOUND_IT;
		found = FOUND_ANOTHER;
	}
	return found;
}

static bool leads_by_name(const struct proc *proc, const struct object *object)
{
	struct stat st;
	_cleanup_close_ int fd = find_file_by_name(proc, object, &st);

	return fd >= 0;
}

static enum file_state path_state(struct proc *proc, const struct facts *facts, const struct object *object)
{
	static const enum file_state unlinked[] = {
		[FOUND_NOTHING] = FILE_DELETED,
		[FOUND_ANOTHER] = FILE_REPLACED,
		[FOUND_IT] = FILE_OK,
	};
	_cleanup_free_ char *path = NULL;
	const struct stat *truth = NULL;
	struct stat st;
	enum found found;

	if (stat_object(proc, facts, object, &st) == 0)
		truth = &st;
	found = look_at(proc, object, truth, object->name);
	if (found == FOUND_IT)
		return FILE_OK;
	/* The full name does not lead to the file, so " (deleted)" is not part of the name. */
	path = unlinked_path(object);
	if (path)
		return unlinked[look_at(proc, object, truth, path)];
	if (!truth)
		return FILE_UNREADABLE;
	return found == FOUND_ANOTHER ? FILE_REPLACED : FILE_OK;
}

/*
 * O_TMPFILE: a file that never had a path; the kernel names it after its inode. Code in it is as
 * hidden as code in a deleted file, so it is reported as deleted.
 */
static bool never_had_path(const struct object *object)
{
	char name[sizeof("/#18446744073709551615" DELETED_SUFFIX)];
	int len = snprintf(name, sizeof(name), "/#%" PRIu64 DELETED_SUFFIX, object->inode);

	return !object->is_executable && object->name && object->name_len >= (size_t)len &&
	       memcmp(object->name + object->name_len - (size_t)len, name, (size_t)len) == 0;
}

/* Whether the file is still in place but was refused, because its contents are no longer what is mapped. */
static bool has_other_contents(struct proc *proc, const struct facts *facts, const struct object *object)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (object->headers != HEADERS_MEMORY && object->headers != HEADERS_UNREADABLE)
		return false;
	fd = open_object(proc, facts, object, &st);
	return fd == -ESTALE;
}

/* The state of a file that is still in place. */
static enum file_state state_in_place(struct proc *proc, const struct facts *facts,
				      const struct object *object)
{
	return has_other_contents(proc, facts, object) ? FILE_REPLACED : FILE_OK;
}

static enum file_state state_here(struct proc *proc, const struct facts *facts, const struct object *object)
{
	enum file_state state = leads_by_name(proc, object) ? FILE_OK : path_state(proc, facts, object);

	if (state == FILE_DELETED && never_had_path(object))
		return FILE_OK;
	return state == FILE_OK ? state_in_place(proc, facts, object) : state;
}

struct asked {
	struct proc *proc;
	const struct facts *facts;
	const struct object *object;
};

static int tell_state(void *context, void *answer)
{
	const struct asked *asked = context;

	asked->proc->may_wait = true;
	*(enum file_state *)answer = state_here(asked->proc, asked->facts, asked->object);
	return 0;
}

enum file_state object_state(struct proc *proc, const struct facts *facts, const struct object *object)
{
	struct asked asked = { .proc = proc, .facts = facts, .object = object };
	enum file_state state;

	if (!object->name || object->name[0] != '/')
		return FILE_NONE;
	if (object_is_local(proc, object) && leads_by_name(proc, object))
		return state_in_place(proc, facts, object);
	/* The path may lead to any file system: all of them must be local. */
	if (object_is_local(proc, object) && proc_all_local(proc))
		return state_here(proc, facts, object);
	return ask_helper(proc, tell_state, &asked, &state, sizeof(state)) < 0 ? FILE_UNREADABLE : state;
}
