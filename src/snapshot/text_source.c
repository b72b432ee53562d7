/* SPDX-License-Identifier: MIT */
#include "snapshot/text_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "inspect/inspect.h"

#define FIRST_SIZE ((size_t)1 << 16)

/* The likely size of a file, plus a NUL, plus a byte to detect its end. */
static size_t guess_size(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    (uint64_t)st.st_size <= SNAPSHOT_MAX)
		return (size_t)st.st_size + 2;
	return FIRST_SIZE;
}

static int read_text(int fd, char **ret, size_t *ret_len, struct error *err)
{
	size_t cap = guess_size(fd);
	_cleanup_free_ char *text = mem_array(cap, 1);
	size_t len = 0;
	ssize_t n;

	do {
		if (len > SNAPSHOT_MAX)
			return error_set(err, -EFBIG, "more text than a snapshot has: 1 GiB at most");
		if (cap - len < 2) {
			cap *= 2;
			text = mem_realloc(text, cap, 1);
		}
		n = read(fd, text + len, cap - len - 1);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return error_set(err, -errno, "%s", strerror(errno));
	text[len] = '\0';
	*ret_len = len;
	*ret = steal_text(&text);
	return 0;
}

static int open_text(struct text_source *text, char *content, size_t len, struct error *err)
{
	if (content[strspn(content, " \t\r\n")] == '{') {
		text->has_several = true;
		text->source = &text->snapshot.source;
		return snapshot_open(&text->snapshot, content, len, err);
	}
	text->source = &text->map.source;
	return map_text_open(&text->map, content, len, err);
}

int text_source_open(struct text_source *text, int fd, struct error *err)
{
	char *content = NULL;
	size_t len = 0;
	int r = read_text(fd, &content, &len, err);

	*text = (struct text_source){ 0 };
	if (r < 0)
		return r;
	r = open_text(text, content, len, err);
	if (r < 0)
		text_source_close(text);
	return r;
}

void text_source_close(struct text_source *text)
{
	source_close(text->source);
}

int text_source_next(struct text_source *text, const struct request *request, struct space *space,
		     struct error *err)
{
	return inspect(text->source, request, space, err);
}
