/* SPDX-License-Identifier: MIT */
/*
 * Parses the command line, shows what it asks for, and returns the exit status.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "commands/messages.h"
#include "commands/show.h"
#include "commands/terminal.h"
#include "config.h"
#include "front/options.h"
#include "front/targets.h"
#include "proc/process_list.h"

#define USAGE "Usage: memmap [OPTION]... TARGET..."
#define HINT "Try 'memmap --help' for more information.\n"

static enum status print_information(const struct options *options)
{
	static struct out out;
	/* Scripts read one entry per line. */
	size_t width = isatty(STDOUT_FILENO) ? terminal_size().ws_col : 0;
	int r;

	out_init(&out, stdout);
	switch (options->action) {
	case ACTION_HELP:
		options_print_help(stdout);
		break;
	case ACTION_HELP_COLUMNS:
		options_print_all_columns(&out, width);
		break;
	case ACTION_HELP_KINDS:
		options_print_kinds(&out, width);
		break;
	case ACTION_HELP_CHECKS:
		options_print_checks(&out, width);
		break;
	case ACTION_LIST_COLUMNS:
		options_print_columns(options, &out, width);
		break;
	default:
		puts("memmap " VERSION);
	}
	r = out_flush(&out);
	if (r == 0 || r == -EPIPE)
		return STATUS_OK;
	complain_unwritten(-r);
	return STATUS_FAILED;
}

static enum status refuse_usage(const struct error *err)
{
	_cleanup_free_ char *safe = text_escape(err->text, strlen(err->text), TEXT_TABLE);

	fprintf(stderr, "memmap: %s\n" HINT, safe);
	return STATUS_USAGE;
}

/*
 * Our parent may have closed a standard stream. The next file that we open would get its number,
 * and we would read or write that file as the stream. So fill each gap with a descriptor that fails
 * like a closed one: it is open for the opposite direction.
 */
static void hold_standard_numbers(void)
{
	static const int contrary[] = { O_WRONLY, O_RDONLY, O_RDONLY };
	struct pollfd streams[] = { { .fd = STDIN_FILENO },
				    { .fd = STDOUT_FILENO },
				    { .fd = STDERR_FILENO } };

	/* One call checks all three; usually none is closed. */
	poll(streams, ARRAY_SIZE(streams), 0);
	for (size_t i = 0; i < ARRAY_SIZE(streams); i++)
		if (streams[i].revents & POLLNVAL && open("/dev/null", contrary[i]) < 0)
			return;
}

int main(int argc, char **argv)
{
	static struct run run;
	enum status status;
	struct error err;
	int r;

	mem_init();
	run.uid = ANY_USER;
	hold_standard_numbers();
	if (argc <= 1) {
		fputs(USAGE "\n" HINT, stderr);
		return STATUS_USAGE;
	}
	r = options_parse(&run.options, argc, argv, &err);
	/* What "?" matches in a pattern depends on the locale; nothing else needs the locale this early. */
	if (r == 0 && run.options.spec.selection.name)
		setlocale(LC_CTYPE, "");
	if (r == 0 && run.options.user)
		r = select_user(run.options.user, &run.uid, &err);
	if (r < 0) {
		status = refuse_usage(&err);
	} else if (run.options.action != ACTION_SHOW) {
		status = print_information(&run.options);
	} else {
		status = show_all(&run);
	}
	notes_done(&run.said);
	options_done(&run.options);
	return (int)status;
}
