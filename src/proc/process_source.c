/* SPDX-License-Identifier: MIT */
#include "proc/process_source.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "proc/dump_rules.h"
#include "proc/limits.h"
#include "proc/file_server.h"
#include "proc/find_path.h"
#include "proc/mapped_file.h"
#include "proc/memory.h"
#include "proc/other_processes.h"
#include "proc/read_objects.h"
#include "proc/read_file.h"
#include "proc/read_map.h"
#include "proc/stop_process.h"
#include "proc/stop_thread.h"
#include "proc/kernel_sums.h"
#include "proc/threads.h"
#include "proc/unfinished_exec.h"
#include "proc/failed_reads.h"

static struct proc *proc_of(struct source *source)
{
	return &((struct proc_source *)source)->proc;
}

static int read_facts(struct source *source, const struct request *request, struct facts *facts,
		      struct error *err)
{
	struct proc *proc = proc_of(source);
	bool wants_smaps = request_reading(request) == READ_SMAPS;
	int r;

	read_threads(proc, facts, request->needs & NEED_THREADS);
	r = read_process(proc, facts, wants_smaps, err);
	if (r < 0)
		return r;
	facts->process.shares_memory = proc_shares_memory(proc);
	read_objects(proc, facts, request->needs);
	facts->hides_swap = proc_hides_swap(proc, facts);
	if (request->needs & NEED_LIMITS)
		read_limits(proc, facts);
	if (request->needs & NEED_CORE_SIZE && wants_smaps)
		read_dump_rules(proc, facts);
	return 0;
}

static struct kernel_sums read_sums(struct source *source, bool wants_resident)
{
	return proc_read_sums(proc_of(source), wants_resident);
}

static bool files_changed(struct source *source, const struct facts *facts)
{
	return proc_of(source)->is_live && loaded_files_changed(proc_of(source), facts);
}

static int verify(struct source *source, struct error *err)
{
	return proc_verify(proc_of(source), err);
}

static void note_unread(struct source *source, struct notes *notes)
{
	proc_note_unread(proc_of(source), notes);
}

static int explain(struct source *source, const char *what, int code, struct error *err)
{
	return proc_explain(proc_of(source), what, code, err);
}

static void close_process(struct source *source)
{
	proc_done(proc_of(source));
}

static ssize_t read_memory(struct source *source, uint64_t addr, void *buf, size_t len)
{
	return proc_read_memory(proc_of(source), addr, buf, len);
}

static ssize_t touch_memory(struct source *source, uint64_t addr, void *buf, size_t len)
{
	return proc_touch_memory(proc_of(source), addr, buf, len);
}

static size_t read_parts(struct source *source, const struct memory_part *parts, size_t n)
{
	return proc_read_parts(proc_of(source), parts, n);
}

static void find_present(struct source *source, const uint64_t *addrs, size_t n, bool *ret)
{
	proc_find_present(proc_of(source), addrs, n, ret);
}

static int walk_pages(struct source *source, const struct page_range *ranges, size_t n, bool is_whole_map,
		      page_walk_fn *take, void *context)
{
	return proc_walk_pages(proc_of(source), ranges, n, is_whole_map, take, context);
}

static ssize_t read_page_words(struct source *source, uint64_t addr, uint64_t *words, size_t n)
{
	return proc_read_page_words(proc_of(source), addr, words, n);
}

static int read_frame_flags(struct source *source, uint64_t frame, uint64_t *ret)
{
	return proc_read_frame_flags(proc_of(source), frame, ret);
}

static int read_others(struct source *source, const struct facts *facts, const struct private_page *pages,
		       size_t n_pages, other_fn *take, void *context, struct notes *notes)
{
	return proc_read_others(proc_of(source), facts, pages, n_pages, take, context, notes);
}

static enum answer may_write(struct source *source, const struct mapping *m)
{
	return proc_may_write(proc_of(source), m);
}

static int open_mapped(struct source *source, const struct facts *facts, const struct object *object,
		       struct stat *ret_stat)
{
	return open_object(proc_of(source), facts, object, ret_stat);
}

static int open_program(struct source *source)
{
	return open_exe(proc_of(source));
}

/* -EREMOTE, reported: a server has the file, and only a helper process may wait for one. */
static int find_path(struct source *source, const char *path)
{
	struct proc *proc = proc_of(source);
	int fd = proc_open_path(proc, path, true);

	if (fd < 0 || proc_is_local_file(proc, fd))
		return fd;
	close(fd);
	proc_report(proc, path, -EREMOTE);
	return -EREMOTE;
}

/* A recorded tree may lack uid_map, and a kernel without user namespaces does not have it. */
static bool has_own_users(struct source *source)
{
	unsigned long inside, outside, n;
	size_t len;
	_cleanup_free_ char *map = NULL;

	return proc_read_file(proc_of(source)->mm_fd, "uid_map", &map, &len) < 0 ||
	       sscanf(map, "%lu %lu %lu", &inside, &outside, &n) != 3 || inside != 0 || outside != 0 ||
	       n != UINT32_MAX;
}

static uint64_t find_control(struct source *source, int32_t tid)
{
	return proc_of(source)->is_ours ? proc_find_control(proc_of(source), tid) : UNKNOWN;
}

static uint64_t find_sp(struct source *source, int32_t tid)
{
	return proc_find_sp(proc_of(source), tid);
}

static int hold_thread(struct source *source, int32_t tid, hold_fn *act, void *context, struct error *err)
{
	return proc_hold_thread(proc_of(source), tid, act, context, err);
}

static int read_registers(struct source *source, int32_t tid _unused_, unsigned machine,
			  struct registers *ret)
{
	return proc_read_registers(proc_of(source), machine, ret);
}

static int hold_process(struct source *source, hold_fn *act, void *context, struct error *err)
{
	return proc_hold_process(proc_of(source), act, context, err);
}

static void release_process(struct source *source)
{
	proc_release_process(proc_of(source));
}

static ssize_t read_register_words(struct source *source, int32_t tid, void *buf, size_t len)
{
	return proc_read_register_words(proc_of(source), tid, buf, len);
}

static const struct source_ops proc_ops = {
	.read_facts = read_facts,
	.read_sums = read_sums,
	.loaded_files_changed = files_changed,
	.verify = verify,
	.note_unread = note_unread,
	.explain = explain,
	.close = close_process,
	.read_memory = read_memory,
	.touch_memory = touch_memory,
	.read_parts = read_parts,
	.find_present = find_present,
	.walk_pages = walk_pages,
	.read_page_words = read_page_words,
	.read_frame_flags = read_frame_flags,
	.read_others = read_others,
	.may_write = may_write,
	.open_object = open_mapped,
	.open_program = open_program,
	.find_path = find_path,
	.has_own_users = has_own_users,
	.find_control = find_control,
	.find_sp = find_sp,
	.hold_thread = hold_thread,
	.read_registers = read_registers,
	.hold_process = hold_process,
	.release_process = release_process,
	.read_register_words = read_register_words,
};

int proc_source_open(struct proc_source *process, const char *root, int pid, int *run_ms_left,
		     struct error *err)
{
	int r = await_exec(root, pid, run_ms_left, err);

	if (r == 0)
		r = proc_open(&process->proc, root, pid, run_ms_left, err);
	if (r < 0)
		return r;
	process->source = (struct source){
		.ops = &proc_ops,
		.pid = process->proc.pid,
		.is_native = process->proc.is_live && process->proc.is_ours,
	};
	return r;
}
