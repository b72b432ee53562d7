/* SPDX-License-Identifier: MIT */
#include "proc/read_map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "proc/parse_auxv.h"
#include "proc/parse_maps.h"
#include "proc/parse_smaps.h"
#include "proc/read_file.h"
#include "proc/failed_reads.h"
#include "proc/user_names.h"

/* How often to read a map again that changed while it was read, before settling its contradictions. */
#define READ_ATTEMPTS 5

/*
 * vm.max_map_count (proc_sys_vm(5)): what Linux sets, up to which it need not be looked at; and four
 * times what distributions set. Some set INT_MAX, but no program has that many mappings.
 */
#define USUAL_MAX_MAP_COUNT 65530
#define HIGHEST_MAX_MAP_COUNT 4194304

/* ---- the map ---- */

/*
 * The kernel hands out whole lines as long as the buffer has room for one, at most a page of
 * them at a time. Long paths make long lines: the buffer grows with them.
 */
struct text_buffer {
	char *text;
	size_t len, cap;
};

static ssize_t fill(struct text_buffer *buffer, int fd)
{
	ssize_t n;

	if (buffer->cap - buffer->len < 4096) {
		buffer->cap = buffer->cap ? buffer->cap * 2 : 1 << 16;
		buffer->text = mem_realloc(buffer->text, buffer->cap, 1);
	}
	do
		n = read(fd, buffer->text + buffer->len, buffer->cap - buffer->len);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		buffer->len += (size_t)n;
	return n < 0 ? -errno : n;
}

/* Parses maps or smaps. */
struct map_parser {
	struct maps_parser maps;
	struct smaps_parser *smaps; /* NULL: maps */
};

static int parse_piece(struct map_parser *parser, const struct text_buffer *buffer, size_t *ret_used,
		       struct error *err)
{
	if (parser->smaps)
		return smaps_parser_feed(parser->smaps, buffer->text, buffer->len, ret_used, err);
	return maps_parser_feed(&parser->maps, buffer->text, buffer->len, ret_used, err);
}

static uint64_t read_max_map_count(struct proc *proc)
{
	uint64_t max = proc_read_number(proc, proc->fd, "../sys/vm/max_map_count", 10);

	/* It may have been higher when the process began. If it is unknown, UNKNOWN is above any number. */
	return MIN(MAX(max, USUAL_MAX_MAP_COUNT), HIGHEST_MAX_MAP_COUNT);
}

/*
 * Whether the map goes on for longer than any process's can: a process that makes mappings above
 * those that are being read, and removes others below, would keep us reading.
 */
static bool is_endless(struct proc *proc, const struct map_parser *parser)
{
	size_t n = parser->smaps ? smaps_parser_n_taken(parser->smaps) : parser->maps.n_taken;

	return n > (size_t)2 * USUAL_MAX_MAP_COUNT && proc->is_live && n > 2 * read_max_map_count(proc);
}

static int read_pieces(struct proc *proc, int fd, struct facts *facts, struct map_parser *parser,
		       struct error *err)
{
	struct text_buffer buffer = { 0 };
	bool goes_on = false;
	ssize_t n;
	int r = 0;

	while (r == 0 && !goes_on && (n = fill(&buffer, fd)) != 0) {
		size_t used = 0;

		r = n < 0 ? (int)n : parse_piece(parser, &buffer, &used, err);
		if (r == 0) {
			buffer.len -= used;
			memmove(buffer.text, buffer.text + used, buffer.len);
			goes_on = is_endless(proc, parser);
		}
	}
	if (goes_on)
		notes_warn(&facts->notes, "maps-changed",
			   "the map kept growing while it was read: only its first %zu mappings are shown",
			   facts->n_mappings);
	else if (r == 0 && buffer.len > 0)
		notes_warn(&facts->notes, "maps-truncated",
			   "the map ends in the middle of a line: there may be more of it");
	free(buffer.text);
	return r;
}

static int read_text_once(struct proc *proc, int fd, struct facts *facts, bool is_smaps, enum overlap overlap,
			  struct error *err)
{
	struct map_parser parser = { 0 };
	int r;

	if (is_smaps)
		parser.smaps = smaps_parser_new(facts, overlap);
	else
		maps_parser_init(&parser.maps, facts, overlap);
	r = read_pieces(proc, fd, facts, &parser, err);
	smaps_parser_free(parser.smaps);
	return r;
}

/* 0; -EBADMSG with *err set; or another negative errno, from the file. */
static int read_text(struct proc *proc, struct facts *facts, bool is_smaps, struct error *err)
{
	int r = -ESTALE;

	for (int attempt = 0; r == -ESTALE && attempt <= READ_ATTEMPTS; attempt++) {
		_cleanup_close_ int fd = proc_open_file(proc->mm_fd, is_smaps ? "smaps" : "maps");
		bool is_last = attempt >= READ_ATTEMPTS;

		if (fd < 0)
			return fd;
		facts_drop_mappings(facts);
		if (is_last)
			notes_warn(&facts->notes, "maps-changed",
				   "the map kept changing while it was read: where "
				   "it contradicted itself, what was read last is shown");
		r = read_text_once(proc, fd, facts, is_smaps, is_last ? OVERLAP_SETTLE : OVERLAP_REFUSE, err);
	}
	return r;
}

/* The counters could not be read: the map without them is still worth showing. */
static void forgo_counters(struct proc *proc, struct facts *facts, int code)
{
	struct error why;

	usage_done(&facts->usage);
	facts->usage.is_missing = true;
	if (code == -ENOENT) {
		notes_warn(&facts->notes, "smaps-absent",
			   "no figures: this kernel has no smaps "
			   "(CONFIG_PROC_PAGE_MONITOR)");
		return;
	}
	proc_explain(proc, "smaps", code, &why);
	notes_warn(&facts->notes, "smaps-denied", "no figures: %s", why.text);
}

int read_mappings(struct proc *proc, struct facts *facts, struct error *err)
{
	int r = read_text(proc, facts, false, err);

	return r == 0 || r == -EBADMSG ? r : proc_explain(proc, "maps", r, err);
}

/* The next mapping, from index *i on, that a loader may have made of a file; NULL: no more. */
static const struct mapping *next_loaded(const struct facts *facts, size_t *i)
{
	while (*i < facts->n_mappings) {
		const struct mapping *m = &facts->mappings[(*i)++];

		if (!(m->perms & PERM_SHARED) && mapping_object(facts, m)->inode != 0)
			return m;
	}
	return NULL;
}

static bool are_same_loaded(const struct facts *a, const struct facts *b)
{
	size_t at_a = 0, at_b = 0;
	const struct mapping *x, *y;

	do {
		x = next_loaded(a, &at_a);
		y = next_loaded(b, &at_b);
		if (x && y &&
		    (x->start != y->start || x->end != y->end || x->perms != y->perms ||
		     x->offset != y->offset || mapping_object(a, x)->inode != mapping_object(b, y)->inode))
			return false;
	} while (x && y);
	return !x && !y;
}

bool loaded_files_changed(struct proc *proc, const struct facts *facts)
{
	struct facts now;
	struct error err;
	bool has_changed;

	facts_init(&now);
	has_changed = read_mappings(proc, &now, &err) == 0 && !are_same_loaded(facts, &now);
	facts_done(&now);
	return has_changed;
}

static int read_map(struct proc *proc, struct facts *facts, bool wants_smaps, struct error *err)
{
	int r;

	if (wants_smaps) {
		r = read_text(proc, facts, true, err);
		if (r == 0 || r == -EBADMSG || r == -ESRCH)
			return r == -ESRCH ? proc_explain(proc, "smaps", r, err) : r;
		forgo_counters(proc, facts, r);
	}
	return read_mappings(proc, facts, err);
}

/* ---- the process ---- */

/* VmRSS leaves out hugetlb pages, which VmSize and the mappings' own RSS include. */
static uint64_t read_resident(const char *status)
{
	uint64_t resident = parse_status_number(status, "VmRSS");
	uint64_t huge = parse_status_number(status, "HugetlbPages");

	return resident == UNKNOWN || huge == UNKNOWN ? resident : resident + huge;
}

static void read_status(struct proc *proc, struct process *process)
{
	size_t len;
	_cleanup_free_ char *text = NULL;
	const char *status = proc->status;

	/* The status of a thread that has exited says nothing about memory. */
	if (proc->mm_fd != proc->fd)
		status = text = proc_read(proc, proc->mm_fd, "status", &len);
	if (!status)
		return;
	process->uid = parse_status_user(status);
	process->virtual = parse_status_number(status, "VmSize");
	process->resident = read_resident(status);
	process->swapped = parse_status_number(status, "VmSwap");
	process->page_tables = parse_status_number(status, "VmPTE");
	process->threads = parse_status_number(status, "Threads");
	process->locked = parse_status_number(status, "VmLck");
}

/*
 * Whether anything is mapped beyond the reach of 32-bit pointers, except the vsyscall page, which
 * is always there.
 */
static bool has_wide_addresses(const struct facts *facts)
{
	for (size_t i = facts->n_mappings; i-- > 0;)
		if (!is_above_user_space(facts->mappings[i].end))
			return facts->mappings[i].end > UINT64_C(1) << 32;
	return false;
}

/*
 * A process may replace its vector (PR_SET_MM_MAP), so it is not trusted if the kernel knows
 * better. A recording may come from another machine, and has nothing else.
 */
static void read_auxv(struct proc *proc, struct facts *facts)
{
	size_t len;
	_cleanup_free_ char *bytes = proc_read(proc, proc->mm_fd, "auxv", &len);
	struct auxv auxv = { .page_size = system_page_size() };

	if (bytes)
		parse_auxv(bytes, len, &auxv);
	facts->page_size = proc->is_live ? system_page_size() : auxv.page_size;
	facts->word_size = proc->is_live && has_wide_addresses(facts) ? 8 : auxv.word_size;
}

/* A recorded process was started on another system, whose clock ticks are not known. */
static uint64_t find_start(struct proc *proc)
{
	struct timespec now, up;
	long ticks = sysconf(_SC_CLK_TCK);

	if (!proc->is_live || proc->stat.field[STAT_STARTTIME] == 0 || ticks <= 0 ||
	    clock_gettime(CLOCK_REALTIME, &now) != 0 || clock_gettime(CLOCK_BOOTTIME, &up) != 0)
		return UNKNOWN;
	return (uint64_t)(now.tv_sec - up.tv_sec) + proc->stat.field[STAT_STARTTIME] / (uint64_t)ticks;
}

static void read_identity(struct proc *proc, struct facts *facts)
{
	struct process *process = &facts->process;
	int r;

	process->pid = proc->pid;
	if (proc->stat.state)
		process->ppid = (int)proc->stat.field[STAT_PPID];
	/* Reads as 0 without permission to read the memory. */
	if (proc->stat.field[STAT_START_BRK])
		process->start_brk = proc->stat.field[STAT_START_BRK];
	process->started = find_start(proc);
	proc_report(proc, "exe", proc_read_link(proc->mm_fd, "exe", &process->exe, &process->exe_len));
	/* If the main thread has exited, proc->stat is another thread's. */
	r = proc_read_comm(proc->mm_fd == proc->fd ? &proc->stat : &(struct proc_stat){ 0 }, proc->fd, "comm",
			   &process->comm, &process->comm_len);
	proc_report(proc, "comm", r);
	read_status(proc, process);
}

int read_process(struct proc *proc, struct facts *facts, bool wants_smaps, struct error *err)
{
	int r = read_map(proc, facts, wants_smaps, err);

	if (r < 0)
		return r;
	if (facts->n_mappings == 0 && proc->is_live)
		return error_set(err, -ESTALE,
				 "the process has no memory map: it is just beginning or ending");
	facts_count_objects(facts);
	facts->taken_at = time(NULL);
	read_identity(proc, facts);
	read_auxv(proc, facts);
	return 0;
}
