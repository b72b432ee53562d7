/* SPDX-License-Identifier: MIT */
#include "front/file_type.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/open_plain.h"
#include "proc/process.h"
#include "proc/read_file.h"

/* Enough for e_ident and e_type, which are at the same offsets in both classes of files. */
#define BEGINNING 64

static int refuse_special(mode_t mode, struct error *err)
{
	static const struct {
		mode_t type;
		const char *name;
	} types[] = {
		{ S_IFDIR, "a directory" }, { S_IFIFO, "a pipe" },   { S_IFSOCK, "a socket" },
		{ S_IFCHR, "a device" },    { S_IFBLK, "a device" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if ((mode & S_IFMT) == types[i].type)
			return error_set(err, -ENOEXEC, "%s, not an ELF file", types[i].name);
	return error_set(err, -ENOEXEC, "not a regular file");
}

/* A descriptor to read from. The file is checked first: opening a special file could block or have effects. */
static int open_regular(const char *path, struct error *err)
{
	_cleanup_close_ int path_fd = open(path, O_PATH | O_CLOEXEC);
	struct stat st;
	int fd;

	if (path_fd < 0 || fstat(path_fd, &st) != 0)
		return error_set(err, -errno, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return refuse_special(st.st_mode, err);
	fd = open_plain(path_fd, &st);
	return fd == -ENXIO ? error_set(err, -ENOEXEC, "not a regular file") :
	       fd < 0	    ? error_set(err, fd, "%s", strerror(-fd)) :
			      fd;
}

static int judge_elf(const unsigned char *bytes, enum origin *ret, struct error *err)
{
	unsigned first = bytes[EI_NIDENT];
	unsigned second = bytes[EI_NIDENT + 1];

	switch (bytes[EI_DATA] == ELFDATA2MSB ? first << 8 | second : second << 8 | first) {
	case ET_EXEC:
	case ET_DYN:
		*ret = ORIGIN_ELF;
		return 0;
	case ET_REL:
		return error_set(err, -ENOEXEC,
				 "a relocatable object file has no addresses yet: link it first");
	case ET_CORE:
		*ret = ORIGIN_CORE;
		return 0;
	default:
		return error_set(err, -ENOEXEC, "neither an executable nor a shared object");
	}
}

/* Core files are mostly kept compressed, and no part of one can be read without all that precedes it. */
static int refuse_compressed(const unsigned char *bytes, size_t n, struct error *err)
{
	static const struct {
		const char *name, *command, *magic;
		size_t len;
	} types[] = {
		{ "zstd", "zstd -d", "\x28\xb5\x2f\xfd", 4 },
		{ "LZ4", "lz4 -d", "\x04\x22\x4d\x18", 4 },
		{ "xz", "xz -d",
		  "\xfd"
		  "7zXZ",
		  6 },
		{ "gzip", "gzip -d", "\x1f\x8b", 2 },
		{ "bzip2", "bzip2 -d", "BZh", 3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (n >= types[i].len && memcmp(bytes, types[i].magic, types[i].len) == 0)
			return error_set(err, -ENOTSUP,
					 "compressed by %s: decompress it first (%s; or, for a core file "
					 "that systemd keeps, coredumpctl dump -o core PID)",
					 types[i].name, types[i].command);
	return 0;
}

int recognise_file(const char *path, enum origin *ret_source, bool *ret_is_text, int *ret_fd,
		   struct error *err)
{
	_cleanup_close_ int fd = open_regular(path, err);
	unsigned char bytes[BEGINNING];
	ssize_t n;
	int r;

	if (fd < 0)
		return fd;
	n = pread(fd, bytes, sizeof(bytes), 0);
	if (n < 0)
		return error_set(err, -errno, "%s", strerror(errno));
	r = refuse_compressed(bytes, (size_t)n, err);
	if (r < 0)
		return r;
	*ret_is_text = n < EI_NIDENT + 2 || memcmp(bytes, ELFMAG, SELFMAG) != 0;
	/* Text has no NUL bytes: refuse anything else before it is read to its end. */
	if (*ret_is_text && memchr(bytes, '\0', (size_t)n))
		return error_set(err, -ENOEXEC, "not an ELF file");
	r = *ret_is_text ? 0 : judge_elf(bytes, ret_source, err);
	if (r == 0)
		*ret_fd = steal_fd(&fd);
	return r;
}
