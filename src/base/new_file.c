/* SPDX-License-Identifier: MIT */
#include "base/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/*
 * Where the file `old` is that `path` leads to, through symbolic links; NULL: it has changed meanwhile. Through a
 * link that somebody has put into a directory like /tmp, stat(2) does not go (fs.protected_symlinks), but
 * realpath(3) does: what it finds must be what stat(2) has found.
 */
static char *find_file(const char *path, const struct stat *old)
{
	_cleanup_free_ char *found = realpath(path, NULL);
	struct stat st;

	if (!found || lstat(found, &st) < 0 || st.st_dev != old->st_dev || st.st_ino != old->st_ino)
		return NULL;
	return steal_text(&found);
}

/*
 * The owner, the group and the access that `old` has. Where the group cannot be had, neither another group nor all
 * others get what its members or others did not have.
 */
static void keep_access(int fd, const struct stat *old)
{
	bool has_group = fchown(fd, old->st_uid, old->st_gid) == 0 || fchown(fd, (uid_t)-1, old->st_gid) == 0;
	mode_t mode = old->st_mode & 0777;
	mode_t common = mode >> 3 & mode & 07;

	fchmod(fd, has_group ? mode : (mode & 0700) | common << 3 | common);
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
	int fd;

	if (exists && !S_ISREG(old.st_mode))
		return error_set(err, -EINVAL, "not a regular file, so it cannot be replaced");
	*new_file = (struct new_file){ 0 };
	new_file->path = exists ? find_file(path, &old) : mem_copy(path, strlen(path));
	if (!new_file->path)
		return error_set(err, -ESTALE, "replaced by somebody else meanwhile");
	fd = create_temporary(new_file, err);
	if (fd < 0)
		return fd;
	if (exists)
		keep_access(fd, &old);
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
