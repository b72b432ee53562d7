/* SPDX-License-Identifier: MIT */
#include "base/progress.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/out.h"
#include "base/text.h"

#define EVERY_MS 100
#define LINE_MAX_LEN 128

void progress_init(struct progress *progress, int fd, uint64_t after_ms)
{
	*progress = (struct progress){ .fd = fd, .due_ms = clock_ms(CLOCK_MONOTONIC_COARSE) + after_ms };
}

/* A stopped terminal (Ctrl-S) must not stop us. */
static bool is_ready(int fd)
{
	struct pollfd terminal = { .fd = fd, .events = POLLOUT };

	return poll(&terminal, 1, 0) > 0 && terminal.revents & POLLOUT;
}

/* A terminal that cannot be written to is no reason to fail. */
static void write_line(const struct progress *progress, const char *text, int len)
{
	if (len > 0 && write(progress->fd, text, (size_t)len) < 0)
		return;
}

void progress_say(struct progress *progress, const char *fmt, ...)
{
	char line[LINE_MAX_LEN];
	char text[LINE_MAX_LEN - 32];
	va_list args;
	uint64_t now;

	if (progress->fd < 0 || (now = clock_ms(CLOCK_MONOTONIC_COARSE)) < progress->due_ms)
		return;
	progress->due_ms = now + EVERY_MS;
	if (!is_ready(progress->fd))
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	write_line(progress, line, snprintf(line, sizeof(line), "\rmemmap: %s\033[K", text));
	progress->is_shown = true;
}

void progress_add(struct progress *progress, uint64_t bytes)
{
	char size[OUT_SHORT];

	progress->n_read += bytes;
	size[text_size(size, progress->n_read)] = 0;
	progress_say(progress, "%s of memory read", size);
}

void progress_end(struct progress *progress)
{
	static const char erase[] = "\r\033[K";

	if (progress->is_shown)
		write_line(progress, erase, sizeof(erase) - 1);
	progress->is_shown = false;
	progress->n_read = 0;
}
