/* SPDX-License-Identifier: MIT */
#include "base/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"

static char *temporary_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	int before = slash ? (int)(slash + 1 - path) : 0;

	return mem_format("%.*s.%s.XXXXXX", before, path, path + before);
}

static mode_t mode_of_new_files(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static bool is_same(const char *path, const struct stat *file)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_dev == file->st_dev && st.st_ino == file->st_ino;
}

/*
 * The real path of `old`, the file that `path` leads to through symbolic links. Unlike stat(2),
 * realpath(3) follows a link that somebody else has put into a directory like /tmp
 * (fs.protected_symlinks), so it must find the same file.
 */
static int find_file(const char *path, const struct stat *old, char **ret, struct error *err)
{
	_cleanup_free_ char *found = is_same(path, old) ? mem_copy(path, strlen(path)) : realpath(path, NULL);

	if (!found)
		return error_set(err, -errno, "cannot resolve its path: %s", strerror(errno));
	if (!is_same(found, old))
		return error_set(err, -ESTALE, "the file was replaced while it was being opened");
	*ret = steal_text(&found);
	return 0;
}

/* Whether only the owner of the directory, or root, can have put a file there. */
static bool is_in_private_directory(const char *path)
{
	_cleanup_free_ char *copy = mem_copy(path, strlen(path));
	struct stat st;

	return stat(dirname(copy), &st) == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

/* In a file with an ACL, the group bits are not the group's: they limit all listed users and groups. */
static mode_t mode_of(const char *path, const struct stat *st)
{
	mode_t all = getxattr(path, "system.posix_acl_access", NULL, 0) > 0 ? 0700 : 0777;

	return st->st_mode & all;
}

/*
 * Gives the new file the owner, group and mode of `old`. If we may not set the group, our own group
 * and everybody else get only the access that both the old group and everybody else had. In a
 * directory like /tmp, somebody else's file may be a trap to catch our output: then the new file is
 * ours, and no more open than the umask allows.
 */
static void keep_access(int fd, const char *path, const struct stat *old)
{
	bool is_trusted = old->st_uid == geteuid() || is_in_private_directory(path);
	bool has_group = is_trusted && (fchown(fd, old->st_uid, old->st_gid) == 0 ||
					fchown(fd, (uid_t)-1, old->st_gid) == 0);
	mode_t mode = mode_of(path, old);
	mode_t common = mode >> 3 & mode & 07;

	if (!has_group)
		mode = (mode & 0700) | common << 3 | common;
	fchmod(fd, is_trusted ? mode : mode & mode_of_new_files());
}

static int create_temporary(struct new_file *new_file, struct error *err)
{
	int fd, code;

	new_file->temporary = temporary_name(new_file->path);
	fd = mkostemp(new_file->temporary, O_CLOEXEC);
	if (fd >= 0)
		return fd;
	code = errno;
	free(new_file->temporary);
	free(new_file->path);
	return error_set(err, -code, "cannot create a temporary file in its directory: %s", strerror(code));
}

int new_file_begin(struct new_file *new_file, const char *path, struct error *err)
{
	struct stat old;
	bool exists = stat(path, &old) == 0;
	int fd, r = 0;

	if (exists && !S_ISREG(old.st_mode))
		return error_set(err, -EINVAL, "not a regular file, so it cannot be replaced");
	*new_file = (struct new_file){ 0 };
	if (exists)
		r = find_file(path, &old, &new_file->path, err);
	else
		new_file->path = mem_copy(path, strlen(path));
	if (r < 0)
		return r;
	fd = create_temporary(new_file, err);
	if (fd < 0)
		return fd;
	if (exists)
		keep_access(fd, new_file->path, &old);
	else
		fchmod(fd, mode_of_new_files());
	new_file->file = fdopen(fd, "w");
	if (!new_file->file)
		mem_exhausted();
	return 0;
}

int new_file_finish(struct new_file *new_file, bool is_good, struct error *err)
{
	int r = fclose(new_file->file) == 0 ? 0 : -errno;

	if (r == 0 && is_good && rename(new_file->temporary, new_file->path) < 0)
		r = -errno;
	if (r < 0 || !is_good)
		unlink(new_file->temporary);
	free(new_file->temporary);
	free(new_file->path);
	return r < 0 ? error_set(err, r, "cannot write: %s", strerror(-r)) : 0;
}

int new_file_check(const char *path, struct error *err)
{
	struct new_file new_file;
	int r = new_file_begin(&new_file, path, err);

	return r < 0 ? r : new_file_finish(&new_file, false, err);
}
