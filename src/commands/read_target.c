/* SPDX-License-Identifier: MIT */
#include "commands/read_target.h"

#include <errno.h>
#include <unistd.h>

#include "core/core_source.h"
#include "elf/elf_file.h"
#include "inspect/inspect.h"
#include "proc/process.h"
#include "proc/process_source.h"
#include "snapshot/text_source.h"

/*
 * How many attempts a process gets that executes another program meanwhile. Pauses between them
 * start at a millisecond and double.
 */
#define PROCESS_ATTEMPTS 8

/* *n_attempts: see struct source. */
static int read_once(const struct read_settings *settings, int pid, unsigned *n_attempts, struct space *space,
		     struct error *err)
{
	struct request request = *settings->request;
	struct proc_source process;
	int r = proc_source_open(&process, settings->procfs, pid, settings->run_ms_left, err);

	if (r < 0)
		return r;
	/* A thread as target stands for its process, but --frames shows the thread's own. */
	if (request.tid == NO_TID)
		request.tid = pid;
	process.source.progress = settings->progress;
	process.source.n_attempts = *n_attempts;
	r = inspect(&process.source, &request, space, err);
	*n_attempts = process.source.n_attempts;
	source_close(&process.source);
	return r;
}

static int read_process_target(const struct read_settings *settings, const struct target *target,
			       struct space *space, struct error *err)
{
	unsigned n_attempts = 0;
	int r = -ESTALE;

	for (unsigned attempt = 0; r == -ESTALE && attempt < PROCESS_ATTEMPTS; attempt++) {
		if (attempt > 0)
			usleep(500u << attempt);
		r = read_once(settings, target->pid, &n_attempts, space, err);
	}
	if (r == -ESTALE && proc_is_ending(settings->procfs, target->pid))
		return error_set(err, -ESRCH, "process %d has ended", target->pid);
	return r;
}

static int read_elf_target(const struct read_settings *settings, const struct target *target,
			   struct space *space, struct error *err)
{
	struct elf_file file;

	elf_file_init(&file, target->fd, target->path);
	return inspect(&file.source, settings->request, space, err);
}

static int read_core_target(const struct read_settings *settings, const struct target *target,
			    struct space *space, struct error *err)
{
	struct core_source core;
	int r = core_source_open(&core, target->fd, target->path, settings->sysroot, err);

	if (r < 0)
		return r;
	core.source.progress = settings->progress;
	r = inspect(&core.source, settings->request, space, err);
	source_close(&core.source);
	return r;
}

/* Reads only the first target of a snapshot with several. */
static int read_text_target(const struct read_settings *settings, const struct target *target,
			    struct space *space, struct error *err)
{
	struct text_source text;
	int r = text_source_open(&text, target->fd, err);

	if (r < 0)
		return r;
	r = text_source_next(&text, settings->request, space, err);
	text_source_close(&text);
	return r;
}

int read_target(const struct read_settings *settings, const struct target *target, struct space *space,
		struct error *err)
{
	static int (*const readers[N_ORIGINS])(const struct read_settings *, const struct target *,
					       struct space *, struct error *) = {
		[ORIGIN_PROCESS] = read_process_target,
		[ORIGIN_ELF] = read_elf_target,
		[ORIGIN_CORE] = read_core_target,
	};

	if (target->is_text)
		return read_text_target(settings, target, space, err);
	return readers[target->source](settings, target, space, err);
}
