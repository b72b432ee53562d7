/* SPDX-License-Identifier: MIT */
#include "core/core_source.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/range.h"
#include "core/core_map.h"
#include "core/core_objects.h"
#include "core/crash_signals.h"
#include "core/unlisted_files.h"
#include "elf/machine.h"
#include "elf/registers.h"
#include "proc/user_names.h"

static struct core_source *core_of(struct source *source)
{
	return (struct core_source *)source;
}

/* ---- threads ---- */

static int compare_threads(const void *a, const void *b)
{
	const struct core_thread *x = a;
	const struct core_thread *y = b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

static const struct core_thread *find_thread(const struct core_source *core, int32_t tid)
{
	const struct core_notes *notes = &core->file.notes;
	struct core_thread key = { .tid = tid };

	if (notes->n_threads == 0)
		return NULL;
	return bsearch(&key, notes->threads, notes->n_threads, sizeof(key), compare_threads);
}

static int thread_registers(const struct core_source *core, const struct core_thread *thread,
			    struct registers *ret)
{
	/* The register layouts that are known here are little-endian. */
	if (core->file.is_big_endian)
		return -ENOTSUP;
	return registers_from_status(thread->registers, thread->registers_len, core->file.machine, ret);
}

#define X86_64_FS_BASE 21 /* in words, as in elf/registers.c */

/* On x86-64, a register leads to the thread's control block; elsewhere the block has to be searched for. */
static uint64_t control_of(const struct core_source *core, const struct core_thread *thread)
{
	uint64_t control;

	if (core->file.machine != EM_X86_64 || thread->registers_len < (X86_64_FS_BASE + 1) * sizeof(control))
		return UNKNOWN;
	memcpy(&control, thread->registers + X86_64_FS_BASE * sizeof(control), sizeof(control));
	return control ? control : UNKNOWN;
}

static void add_thread(const struct core_source *core, struct facts *facts, const struct core_thread *its)
{
	struct thread thread = { .tid = its->tid, .control = control_of(core, its), .sp = UNKNOWN };
	struct registers registers;

	if (thread_registers(core, its, &registers) == 0)
		thread.sp = registers.values[registers.sp];
	if (its->tid == facts->core.tid)
		thread.state = THREAD_CRASHED;
	/* The kernel only writes the name of one thread, that of the process. */
	if (its->tid == facts->process.pid && facts->process.comm) {
		thread.comm = mem_copy(facts->process.comm, facts->process.comm_len);
		thread.comm_len = facts->process.comm_len;
	}
	mem_grow(facts->threads, facts->n_threads, facts->cap_threads);
	facts->threads[facts->n_threads++] = thread;
}

/* Sorts the threads, of which each stays once: find_thread() relies on it. */
static void read_threads(struct core_source *core, struct facts *facts)
{
	struct core_notes *notes = &core->file.notes;
	size_t n = 0;

	mem_sort(notes->threads, notes->n_threads, sizeof(*notes->threads), compare_threads);
	for (size_t i = 0; i < notes->n_threads; i++) {
		if (n > 0 && notes->threads[n - 1].tid == notes->threads[i].tid)
			continue;
		notes->threads[n++] = notes->threads[i];
		if (notes->threads[i].tid > 0)
			add_thread(core, facts, &notes->threads[i]);
	}
	notes->n_threads = n;
	facts->process.threads = facts->n_threads > 0 ? facts->n_threads : UNKNOWN;
}

/* ---- who it was, and how it ended ---- */

static void read_end(const struct core_source *core, struct core *ret)
{
	const struct core_notes *notes = &core->file.notes;
	int signal = notes->has_siginfo ? notes->siginfo_signal : notes->signal;

	ret->tid = NO_TID;
	ret->fault = UNKNOWN;
	ret->sender = -1;
	if (notes->n_threads == 0 || !core_signal_ends(core->file.machine, signal))
		return;
	ret->signal = signal;
	ret->signal_name = core_signal_name(core->file.machine, signal);
	ret->tid = notes->tid;
	if (!notes->has_siginfo)
		return;
	if (core_signal_has_address(core->file.machine, signal, notes->code))
		ret->fault = notes->fault;
	if (core_signal_is_sent(core->file.machine, notes->code))
		ret->sender = notes->sender;
}

static void read_identity(const struct core_source *core, struct facts *facts)
{
	const struct core_notes *notes = &core->file.notes;
	struct process *process = &facts->process;

	if (!notes->has_identity)
		return;
	process->pid = notes->pid > 0 ? notes->pid : -1;
	process->ppid = notes->ppid;
	process->comm_len = strnlen(notes->comm, sizeof(notes->comm));
	process->comm = mem_copy(notes->comm, process->comm_len);
	name_user(facts, notes->uid);
}

static void read_program(const struct core_source *core, struct facts *facts)
{
	const struct object *program = core_program(&core->file, facts);

	if (!program)
		return;
	facts->process.exe = mem_copy(program->name, program->name_len);
	facts->process.exe_len = program->name_len;
}

/* ---- what the file has ---- */

static void add_dumped(struct core *core, uint64_t start, uint64_t end)
{
	if (start == end)
		return;
	if (core->n_dumped > 0 && core->dumped[core->n_dumped - 1].end == start) {
		core->dumped[core->n_dumped - 1].end = end;
		return;
	}
	mem_grow(core->dumped, core->n_dumped, core->cap_dumped);
	core->dumped[core->n_dumped++] = (struct dumped_range){ start, end };
}

static void read_dumped(const struct core_file *file, struct facts *facts)
{
	struct core *core = &facts->core;
	uint64_t first = UNKNOWN;
	uint64_t last = 0;

	for (size_t i = 0; i < file->n_loads; i++) {
		const struct core_load *load = &file->loads[i];

		add_dumped(core, load->start, load->start + load->dumped);
		if (load->missing == 0)
			continue;
		core->missing += load->missing;
		first = MIN(first, load->start + load->dumped);
		last = load->start + load->dumped + load->missing;
	}
	if (core->missing > 0)
		notes_warn(&facts->notes, "core-truncated",
			   "the core file is cut off: %" PRIu64
			   " bytes of memory are missing, between %" PRIx64 " and %" PRIx64,
			   core->missing, first, last);
}

static void note_damage(const struct core_file *file, struct facts *facts)
{
	if (file->notes_missing || file->notes.files_missing || file->notes.n_threads == 0)
		notes_warn(&facts->notes, "core-notes-missing",
			   "the core file lacks notes: the threads, files and names in them are missing");
	else if (file->is_unlisted)
		notes_warn(
			&facts->notes, "core-files-unlisted",
			"the core file does not list mapped files (NT_FILE): modules other than the program "
			"cannot be told from other memory");
	if (file->n_overlapping > 0)
		notes_warn(&facts->notes, "core-overlaps",
			   "%zu part%s addresses that other parts of the core file have: left out",
			   file->n_overlapping, file->n_overlapping == 1 ? " claims" : "s claim");
}

/* Warns about what was asked for and only a process has. */
static void warn_of_missing(struct facts *facts, const struct request *request)
{
	if (request->needs & (NEED_COUNTER | NEED_FLAGS))
		notes_warn(&facts->notes, "core-figures",
			   "no figures: a core file does not say which memory was resident");
	if (request->needs & NEED_PAGES)
		notes_warn(&facts->notes, "core-pages", "no pages: a core file lacks their states");
	if (request->needs & NEED_SHARING)
		notes_warn(&facts->notes, "core-sharing",
			   "no shared regions: a core file shows no other processes");
	usage_done(&facts->usage);
	facts->usage.is_missing = request->needs & (NEED_COUNTER | NEED_FLAGS);
}

/* ---- facts ---- */

#define YEAR_9999_END INT64_C(253402300800)

/* The owner of a file can give it any time: one outside of 1970 to 9999 is not when it was written. */
static int64_t time_of(const struct stat *st)
{
	return st->st_mtime >= 0 && st->st_mtime < YEAR_9999_END ? st->st_mtime : NO_TIME;
}

static int read_facts(struct source *source, const struct request *request, struct facts *facts,
		      struct error *err)
{
	struct core_source *core = core_of(source);
	const struct core_file *file = &core->file;
	struct stat st;

	if (fstat(core->fd, &st) != 0)
		return error_set(err, -errno, "%s", strerror(errno));
	facts->origin = ORIGIN_CORE;
	facts->taken_at = time_of(&st);
	facts->word_size = file->word_size;
	facts->page_size =
		file->notes.has_auxv ? file->notes.auxv.page_size : machine_page_size(file->machine);
	facts->core = (struct core){
		.path = core->name,
		.machine = file->machine,
		.is_big_endian = file->is_big_endian,
		.file_size = file->size,
	};
	read_end(core, &facts->core);
	read_identity(core, facts);
	read_threads(core, facts);
	read_dumped(file, facts);
	core_read_map(file, facts);
	note_damage(file, facts);
	core_read_objects(file, facts, core->sysroot_fd, request->needs);
	core_settle_map(file, facts);
	read_program(core, facts);
	facts->process.virtual = facts_virtual(facts);
	warn_of_missing(facts, request);
	return 0;
}

static void close_core(struct source *source)
{
	struct core_source *core = core_of(source);

	core_file_done(&core->file);
	cleanup_close(&core->sysroot_fd);
}

/* ---- memory ---- */

static ssize_t read_memory(struct source *source, uint64_t addr, void *buf, size_t len)
{
	return core_file_memory(&core_of(source)->file, addr, buf, len);
}

static void find_present(struct source *source, const uint64_t *addrs, size_t n, bool *ret)
{
	char byte;

	for (size_t i = 0; i < n; i++)
		ret[i] = read_memory(source, addrs[i], &byte, 1) == 1;
}

/* ---- files ---- */

static int open_object(struct source *source, const struct facts *facts, const struct object *object,
		       struct stat *ret_stat)
{
	struct core_source *core = core_of(source);

	return core_open_object(&core->file, facts, object, core->sysroot_fd, ret_stat);
}

/* Callers only want the machine of the program, and the core file has the same one. */
static int open_program(struct source *source)
{
	int fd = fcntl(core_of(source)->fd, F_DUPFD_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

static int find_path(struct source *source, const char *path)
{
	return core_find_path(core_of(source)->sysroot_fd, path);
}

/* ---- threads, which stand still ---- */

static uint64_t find_control(struct source *source, int32_t tid)
{
	const struct core_thread *thread = find_thread(core_of(source), tid);

	return thread ? control_of(core_of(source), thread) : UNKNOWN;
}

static int hold_thread(struct source *source, int32_t tid, hold_fn *act, void *context, struct error *err)
{
	if (!find_thread(core_of(source), tid))
		return error_set(err, -ESRCH, "the core file has no thread %d", tid);
	return act(context, err);
}

static int read_registers(struct source *source, int32_t tid, unsigned machine _unused_,
			  struct registers *ret)
{
	return thread_registers(core_of(source), find_thread(core_of(source), tid), ret);
}

static ssize_t read_register_words(struct source *source, int32_t tid, void *buf, size_t len)
{
	const struct core_thread *thread = find_thread(core_of(source), tid);

	if (!thread)
		return -ESRCH;
	len = MIN(len, thread->registers_len);
	memcpy(buf, thread->registers, len);
	return (ssize_t)len;
}

int core_source_open(struct core_source *core, int fd, const char *name, const char *sysroot,
		     struct error *err)
{
	static const struct source_ops ops = {
		.read_facts = read_facts,
		.close = close_core,
		.read_memory = read_memory,
		.find_present = find_present,
		.open_object = open_object,
		.open_program = open_program,
		.find_path = find_path,
		.find_control = find_control,
		.hold_thread = hold_thread,
		.read_registers = read_registers,
		.read_register_words = read_register_words,
	};
	int r;

	*core = (struct core_source){
		.source = { .ops = &ops },
		.name = name,
		.fd = fd,
		.sysroot_fd = NO_SYSROOT,
	};
	if (sysroot) {
		core->sysroot_fd = open(sysroot, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (core->sysroot_fd < 0)
			return error_set(err, -errno, "sysroot '%s': %s", sysroot, strerror(errno));
	}
	r = core_file_read(&core->file, fd, err);
	if (r < 0)
		close_core(&core->source);
	else
		core_list_program(&core->file);
	return r;
}
