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

int new_file_begin(struct new_file *new_file, const char *path, struct error *err)
{
	struct stat st;
	bool exists = stat(path, &st) == 0;
	int fd;

	if (exists && !S_ISREG(st.st_mode))
		return error_set(err, -EINVAL, "not a regular file, so it cannot be replaced");
	*new_file = (struct new_file){ .path = path, .temporary = temporary_name(path) };
	fd = mkostemp(new_file->temporary, O_CLOEXEC);
	if (fd < 0) {
		int code = errno;

		free(new_file->temporary);
		return error_set(err, -code, "cannot create a temporary file in its directory: %s",
				 strerror(code));
	}
	fchmod(fd, exists ? st.st_mode & 0777 : mode_of_new_files());
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
	return r < 0 ? error_set(err, r, "cannot write: %s", strerror(-r)) : 0;
}

int new_file_check(const char *path, struct error *err)
{
	struct new_file new_file;
	int r = new_file_begin(&new_file, path, err);

	return r < 0 ? r : new_file_finish(&new_file, false, err);
}
