/* SPDX-License-Identifier: MIT */
#include "commands/screen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "commands/terminal.h"

#define HOME "\033[H"
#define ERASE_LINE "\033[K"  /* from the cursor on */
#define ERASE_BELOW "\033[J" /* likewise */
#define PLAIN "\033[0m"

bool screen_is_there(void)
{
	return isatty(STDOUT_FILENO) && terminal_is_capable();
}

static int write_all(const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

void screen_open(void)
{
	struct winsize size = terminal_size();
	_cleanup_free_ char *lines = mem_array(size.ws_row, 1);

	memset(lines, '\n', size.ws_row);
	write_all(lines, size.ws_row - 1u);
}

/* The length of a colour sequence, which takes no room on the screen; 0: there is none. */
static size_t sequence_len(const char *s, size_t len)
{
	size_t n = 2;

	if (len < 3 || s[0] != '\033' || s[1] != '[')
		return 0;
	while (n < len && s[n] != 'm')
		n++;
	return n < len ? n + 1 : 0;
}

/* The bytes of a line that fit. A longer line would wrap, and move everything below it down. */
static size_t fitting(const char *line, size_t len, size_t width)
{
	size_t i = 0;

	while (i < len) {
		size_t n = sequence_len(line + i, len - i);
		size_t columns = n > 0 ? 0 : text_char_width(line + i, len - i, &n);

		if (columns > width)
			break;
		width -= columns;
		i += n;
	}
	return i;
}

static void put_line(FILE *frame, const char *line, size_t len, size_t width)
{
	size_t n = fitting(line, len, width);

	fwrite(line, 1, n, frame);
	if (n < len && memchr(line, '\033', n))
		fputs(PLAIN, frame);
	fputs(ERASE_LINE "\n", frame);
}

static size_t count_lines(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

int screen_show(const char *text, size_t len)
{
	struct winsize size = terminal_size();
	size_t n_lines = count_lines(text, len);
	/* The cursor takes the last line. If not all lines fit, the one above it says so. */
	size_t room = size.ws_row > 1 ? size.ws_row - 1u : 1;
	size_t n_shown = n_lines > room ? room - 1 : n_lines;
	_cleanup_free_ char *frame = NULL;
	size_t frame_len;
	FILE *file = open_memstream(&frame, &frame_len);
	char more[64];
	int n;

	if (!file)
		mem_exhausted();
	fputs(HOME, file);
	for (size_t i = 0; i < n_shown; i++) {
		size_t line_len = strcspn(text, "\n");

		put_line(file, text, line_len, size.ws_col);
		text += line_len + 1;
	}
	n = snprintf(more, sizeof(more), "... %zu more lines", n_lines - n_shown);
	if (n_shown < n_lines)
		put_line(file, more, (size_t)n, size.ws_col);
	fputs(ERASE_BELOW, file);
	if (fclose(file) != 0)
		mem_exhausted();
	return write_all(frame, frame_len);
}
