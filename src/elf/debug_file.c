/* SPDX-License-Identifier: MIT */
#include "elf/debug_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/load_library.h"
#include "base/open_plain.h"
#include "base/mem.h"
#include "base/util.h"
#include "config.h"
#include "elf/handle.h"
#include "elf/read_image.h"

#define DEBUG_ROOT "/usr/lib/debug"
#define FOLDER DEBUG_ROOT "/.build-id/"
#define SUFFIX ".debug"
#define LINK_SIZE_MAX 4096
#define PATH_SIZE (sizeof(FOLDER) + 2 * BUILD_ID_MAX + sizeof("/" SUFFIX))

/* FOLDER/ab/cdef….debug */
static void format_path(char path[PATH_SIZE], const unsigned char *build_id, size_t len)
{
	char *at = stpcpy(path, FOLDER);

	for (size_t i = 0; i < len; i++)
		at += sprintf(at, i == 0 ? "%02x/" : "%02x", build_id[i]);
	strcpy(at, SUFFIX);
}

/* False for a file that elf_open() refuses, too: libdw will open it itself. */
static bool has_build_id(int fd, const unsigned char *build_id, size_t len)
{
	_cleanup_elf_ Elf *elf = elf_open(fd);
	unsigned char its[BUILD_ID_MAX];

	return elf && elf_image_build_id(fd, its) == (ssize_t)len && memcmp(its, build_id, len) == 0;
}

/*
 * Opens a file for reading if it has the build-id. `path_fd` is an O_PATH descriptor, which is
 * closed, or an error.
 */
static int open_verified(int path_fd, const unsigned char *build_id, size_t len)
{
	_cleanup_close_ int found = path_fd;
	_cleanup_close_ int fd = -1;
	struct stat st;

	/* The owner of the process's root directory can put anything there: a fifo, a device. */
	if (found < 0 || fstat(found, &st) != 0)
		return -ENOENT;
	fd = open_plain(found, &st);
	if (fd < 0)
		return fd == -ENXIO ? -ENOENT : fd;
	elf_watch();
	if (has_build_id(fd, build_id, len))
		return steal_fd(&fd);
	return elf_failure() < 0 ? elf_failure() : -ENOENT;
}

/*
 * The result of a second place, unless both failed and the error of the first, other than -ENOENT,
 * says more.
 */
static int or_else(int first, int second)
{
	return second >= 0 || first == -ENOENT ? second : first;
}

#ifdef HAVE_DEBUGINFOD

#include <elfutils/debuginfod.h>

LIBRARY_NOTE(DEBUGINFOD_SONAME, "debuginfod", "Fetching debug files that are not installed");

struct libdebuginfod {
	__typeof__(&debuginfod_begin) begin;
	__typeof__(&debuginfod_find_debuginfo) find_debuginfo;
	__typeof__(&debuginfod_end) end;
};

static bool load(struct libdebuginfod *lib)
{
	const struct library_function functions[] = {
		{ "debuginfod_begin", &lib->begin },
		{ "debuginfod_find_debuginfo", &lib->find_debuginfo },
		{ "debuginfod_end", &lib->end },
	};

	return library_load(DEBUGINFOD_SONAME, functions, ARRAY_SIZE(functions));
}

static int fetch(const unsigned char *build_id, size_t len)
{
	const char *urls = getenv(DEBUGINFOD_URLS_ENV_VAR);
	struct libdebuginfod lib;
	debuginfod_client *client;
	_cleanup_close_ int fd = -1;

	if (!urls || !*urls || !load(&lib))
		return -ENOSYS;
	client = lib.begin();
	if (!client)
		return -ENOSYS;
	fd = lib.find_debuginfo(client, build_id, (int)len, NULL);
	lib.end(client);
	if (fd < 0)
		return fd;
	return has_build_id(fd, build_id, len) ? steal_fd(&fd) : -ENOENT;
}

#else

static int fetch(const unsigned char *build_id _unused_, size_t len _unused_)
{
	return -ENOSYS;
}

#endif

/* Opens a path as the target sees it, or else as we do. */
static int open_path(struct source *source, const char *path, const unsigned char *build_id, size_t len)
{
	int fd = open_verified(source_find_path(source, path), build_id, len);

	return fd >= 0 ? fd : or_else(fd, open_verified(open(path, O_PATH | O_CLOEXEC), build_id, len));
}

static int open_installed(struct source *source, const unsigned char *build_id, size_t len)
{
	char path[PATH_SIZE];

	format_path(path, build_id, len);
	return open_path(source, path, build_id, len);
}

/* The places where gdb looks, too. */
static int open_link(struct source *source, const struct image *image, const char *path, const char *link)
{
	static const struct {
		const char *above, *below;
	} directories[] = { { "", "" }, { "", ".debug/" }, { DEBUG_ROOT, "" } };
	const char *slash = path ? strrchr(path, '/') : NULL;

	if (!slash || !link || strchr(link, '/'))
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		_cleanup_free_ char *candidate =
			mem_format("%s%.*s%s%s", directories[i].above, (int)(slash + 1 - path), path,
				   directories[i].below, link);
		int fd = open_verified(source_find_path(source, candidate), image->build_id,
				       image->build_id_len);

		if (fd != -ENOENT)
			return fd;
	}
	return -ENOENT;
}

int debug_file_open(struct source *source, const struct image *image, const char *path, const char *link,
		    bool want_debuginfod)
{
	int fd;

	if (image->build_id_len == 0)
		return -ENOENT;
	fd = open_installed(source, image->build_id, image->build_id_len);
	if (fd < 0)
		fd = or_else(fd, open_link(source, image, path, link));
	if (fd < 0 && want_debuginfod)
		fd = or_else(fd, fetch(image->build_id, image->build_id_len));
	return fd;
}

int debug_file_open_shared(struct source *source, const char *name, const unsigned char *build_id, size_t len)
{
	static const char folder[] = "/.dwz/";
	const char *below = strstr(name, folder);
	_cleanup_free_ char *path = NULL;
	int fd;

	if (len == 0 || len > BUILD_ID_MAX)
		return -ENOENT;
	fd = open_installed(source, build_id, len);
	/* The name is absolute, or relative to the debug file; either way the file is in this folder. */
	if (fd != -ENOENT || !below || strstr(below, "/../"))
		return fd;
	path = mem_format("%s%s", DEBUG_ROOT, below);
	return open_path(source, path, build_id, len);
}

bool debug_file_is_ours(int fd, const struct image *image)
{
	char path[PATH_SIZE];
	struct stat st, installed;

	if (fstat(fd, &st) != 0)
		return false;
	if (st.st_uid == geteuid() && st.st_uid != 0)
		return true;
	format_path(path, image->build_id, image->build_id_len);
	return stat(path, &installed) == 0 && installed.st_dev == st.st_dev && installed.st_ino == st.st_ino;
}

char *debug_file_link(int fd)
{
	_cleanup_elf_ Elf *elf = elf_open(fd);
	size_t len;
	const char *name = elf_section_bytes(elf, ".gnu_debuglink", LINK_SIZE_MAX, &len);

	/* After the name: a checksum, for files without a build-id. */
	return name && memchr(name, '\0', len) && *name ? mem_copy(name, strlen(name)) : NULL;
}

void debug_file_note_absent(struct notes *notes)
{
	notes_warn(notes, "debuginfod-absent",
		   "no server was asked for debug files: DEBUGINFOD_URLS names none, or "
		   "libdebuginfod is not installed");
}
