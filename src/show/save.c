/* SPDX-License-Identifier: MIT */
#include "show/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "output/render_json.h"
#include "show/read_target.h"

static void put_snapshot(struct out *out, const struct options *options, const struct space *space)
{
	const struct space *const spaces[] = { space };
	struct json json;
	struct view view;

	json_init(&json, out);
	render_json_begin(&json, false);
	view_build(&view, spaces, 1, &options->spec);
	render_json_target(&json, &view, options->view, false);
	view_done(&view);
	render_json_end(&json);
}

static int write_snapshot(const struct options *options, const struct space *space, int fd)
{
	_cleanup_free_ struct out *out = mem_array(1, sizeof(*out));
	FILE *file = fdopen(fd, "w");
	int r;

	if (!file) {
		r = -errno;
		close(fd);
		return r;
	}
	setvbuf(file, NULL, _IONBF, 0);
	out_init(out, file);
	put_snapshot(out, options, space);
	r = out_flush(out);
	if (fclose(file) != 0 && r == 0)
		r = -errno;
	return r;
}

/* Beside it, so that the two are on one file system. */
static int replace_file(const struct options *options, const struct space *space, const char *path)
{
	_cleanup_free_ char *fresh = mem_format("%s.XXXXXX", path);
	mode_t mask = umask(0);
	int fd, r;

	umask(mask);
	fd = mkostemp(fresh, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	fchmod(fd, 0666 & ~mask);
	r = write_snapshot(options, space, fd);
	if (r == 0 && rename(fresh, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(fresh);
	return r;
}

int save_snapshot(const struct options *options, const struct target *target, const char *path,
		  struct error *err)
{
	struct options own;
	struct request request;
	struct space space;
	int r;

	options_for_snapshot(options, &own);
	request = options_request(&own);
	r = read_target(&(struct read_settings){ own.procfs, NULL, &request }, target, &space, err);
	if (r == 0) {
		r = replace_file(&own, &space, path);
		if (r < 0)
			error_set(err, r, "cannot write %.200s: %s", path, strerror(-r));
		space_done(&space);
	}
	options_done(&own);
	return r;
}
