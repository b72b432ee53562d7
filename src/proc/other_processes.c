/* SPDX-License-Identifier: MIT */
#include "proc/other_processes.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/range.h"
#include "proc/same_file.h"
#include "proc/memory.h"
#include "proc/missing_processes.h"
#include "proc/process_list.h"
#include "proc/read_file.h"
#include "proc/read_map.h"
#include "proc/threads.h"

#define READ_TIMEOUT_MS 2000 /* how long to wait for each process */

/* What the threads work with. It owns all its data, since a thread that was given up may still look at it. */
struct search {
	char *root;
	int *pids;
	size_t n_pids;
	int target;
	bool is_native; /* system calls take these PIDs */
	struct proc_stat stat;
	struct identities identities;
	struct private_page *pages;
	size_t n_pages;
	uint64_t page_size;
};

/* The target's objects that are the same file as one object of another process. */
struct own_objects {
	const uint32_t *objects;
	size_t n;
};

struct reply {
	int result; /* 0, or a negative errno */
	struct other_process other;
};

/* ---- reading, in any thread ---- */

/*
 * The link of a shared mapping in map_files shows how its file was opened, to anybody who may read
 * the process.
 */
enum answer proc_may_write(const struct proc *proc, const struct mapping *m)
{
	char name[64];
	struct stat st;

	if (!(m->perms & PERM_SHARED) || m->perms & PERM_W)
		return ANSWER_NO;
	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, m->start, m->end);
	if (fstatat(proc->mm_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return ANSWER_UNKNOWN;
	return st.st_mode & S_IWUSR ? ANSWER_YES : ANSWER_NO;
}

static void add_mapping(const struct proc *proc, struct other_process *other, const struct own_objects *own,
			const struct mapping *m)
{
	struct other_mapping *last = other->n_mappings > 0 ? &other->mappings[other->n_mappings - 1] : NULL;
	uint64_t size = m->end - m->start;
	enum answer may_write = proc_may_write(proc, m);

	/* The offset in a recording can be anything. */
	if (!range_fits(m->offset, size, UINT64_MAX))
		return;
	if (last && last->objects == own->objects && last->end == m->offset && last->perms == m->perms &&
	    last->may_write == may_write) {
		last->end += size;
		return;
	}
	mem_grow(other->mappings, other->n_mappings, other->cap_mappings);
	other->mappings[other->n_mappings++] = (struct other_mapping){
		own->objects, own->n, m->offset, m->offset + size, m->perms, may_write
	};
}

static void take_mappings(const struct search *search, const struct facts *facts, const struct proc *proc,
			  struct other_process *other)
{
	_cleanup_free_ struct own_objects *own = mem_alloc(facts->n_objects * sizeof(*own));

	for (size_t i = 0; i < facts->n_objects; i++) {
		const struct object *object = facts->objects[i];

		if (has_file(object) && object->first < facts->n_mappings)
			own[i].n = find_same_file(&search->identities, object, proc->mm_fd,
						  &facts->mappings[object->first], &own[i].objects);
	}
	for (size_t i = 0; i < facts->n_mappings; i++) {
		const struct mapping *m = &facts->mappings[i];

		if (has_access(m->perms) && own[m->object].n > 0)
			add_mapping(proc, other, &own[m->object], m);
	}
}

/* ---- what fork(2) left ---- */

/* execve(2) sets these to random addresses, and nothing else normally changes them. */
static bool is_relative(const struct proc_stat *a, const struct proc_stat *b)
{
	static const enum stat_field fields[] = { STAT_STARTCODE, STAT_ENDCODE, STAT_STARTSTACK,
						  STAT_START_BRK, STAT_ARG_START };

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (a->field[fields[i]] != b->field[fields[i]])
			return false;
	/* Reads as 0 without permission to read the memory. */
	return a->field[STAT_STARTSTACK] != 0;
}

static enum page_relation relate(uint64_t own, uint64_t other)
{
	uint64_t states = PM_PRESENT | PM_SWAPPED;

	if (!(other & states))
		return PAGE_ABSENT;
	if (other & PM_FILE)
		return PAGE_SEPARATE;
	if ((own & states) != (other & states))
		return PAGE_UNCLEAR;
	return (own & PM_PFN) == (other & PM_PFN) ? PAGE_COMMON : PAGE_SEPARATE;
}

#define WORDS_MAX 512

/* How many pages from `first` on are adjacent, up to what is read at once. */
static size_t count_adjacent(const struct search *search, size_t first)
{
	const struct private_page *pages = &search->pages[first];
	size_t n = 1;

	while (first + n < search->n_pages && n < WORDS_MAX &&
	       pages[n].addr == pages[n - 1].addr + search->page_size)
		n++;
	return n;
}

/* False: the page map cannot be read. */
static bool relate_pages(const struct search *search, struct proc *proc, uint8_t *relations)
{
	uint64_t words[WORDS_MAX];
	size_t n;

	for (size_t i = 0; i < search->n_pages; i += n) {
		ssize_t n_read;

		n = count_adjacent(search, i);
		n_read = proc_read_page_words(proc, search->pages[i].addr, words, n);
		if (n_read < 0)
			return false;
		for (size_t k = 0; k < (size_t)n_read; k++)
			relations[i + k] = (uint8_t)relate(search->pages[i + k].word, words[k]);
	}
	return true;
}

/*
 * Without address space randomization, any two processes of one program look like relatives, but
 * have no page in common.
 */
static void find_relation(const struct search *search, struct proc *proc, struct other_process *other)
{
	other->is_relative = is_relative(&search->stat, &proc->stat);
	other->has_same_memory =
		other->is_relative && search->is_native && compare_memory(search->target, proc->pid) == 0;
	other->is_relative &= !other->has_same_memory;
	if (!other->is_relative || search->n_pages == 0)
		return;
	other->pages = mem_alloc(search->n_pages);
	if (relate_pages(search, proc, other->pages)) {
		other->is_relative = memchr(other->pages, PAGE_COMMON, search->n_pages) != NULL;
		return;
	}
	free(other->pages);
	other->pages = NULL;
}

static int read_process_maps(const struct search *search, struct proc *proc, struct other_process *other)
{
	struct facts facts;
	struct error err;
	int r;

	facts_init(&facts);
	r = read_mappings(proc, &facts, &err);
	if (r == 0) {
		facts_count_objects(&facts);
		take_mappings(search, &facts, proc, other);
		find_relation(search, proc, other);
	}
	facts_done(&facts);
	return r;
}

static void read_other(const void *context, size_t i, void *result)
{
	const struct search *search = context;
	struct reply *reply = result;
	struct proc proc;
	struct error err;

	reply->result = proc_open(&proc, search->root, search->pids[i], NULL, &err);
	if (reply->result < 0)
		return;
	reply->other.pid = proc.pid;
	proc_read_comm(&proc.stat, proc.fd, "comm", &reply->other.comm, &reply->other.comm_len);
	reply->result = read_process_maps(search, &proc, &reply->other);
	proc_done(&proc);
}

/* ---- in the caller's thread ---- */

struct taker {
	other_fn *take;
	void *context;
	const int *pids;
	struct missing_processes missing;
};

static void take_reply(void *context, size_t i, void *result)
{
	struct taker *taker = context;
	struct reply *reply = result;
	struct other_process *other = reply ? &reply->other : NULL;

	if (!reply) {
		missing_add(&taker->missing.silent, taker->pids[i]);
		return;
	}
	if (reply->result < 0)
		count_missing_process(&taker->missing, taker->pids[i], reply->result);
	else if (other->n_mappings > 0 || other->is_relative || other->has_same_memory)
		taker->take(taker->context, other);
	free(other->comm);
	free(other->mappings);
	free(other->pages);
}

/* Lists all processes except the target and ourselves. */
static int list_others(struct search *search, const struct proc *proc, struct error *err)
{
	int own = proc->is_ours ? (int)getpid() : -1;
	size_t n = 0;
	int r = proclist(search->root, ANY_USER, &search->pids, &search->n_pids, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < search->n_pids; i++)
		if (search->pids[i] != proc->pid && search->pids[i] != own)
			search->pids[n++] = search->pids[i];
	search->n_pids = n;
	return 0;
}

static void search_free(struct search *search)
{
	identities_done(&search->identities);
	free(search->pages);
	free(search->pids);
	free(search->root);
	free(search);
}

static struct search *search_new(const struct proc *proc, const struct facts *facts,
				 const struct private_page *pages, size_t n_pages)
{
	struct search *search = mem_alloc(sizeof(*search));

	search->root = mem_copy(proc->root, strlen(proc->root));
	search->target = proc->pid;
	search->is_native = proc->is_ours;
	search->stat = proc->stat;
	identities_init(&search->identities, proc, facts);
	search->pages = mem_array(n_pages, sizeof(*pages));
	if (n_pages > 0)
		memcpy(search->pages, pages, n_pages * sizeof(*pages));
	search->n_pages = n_pages;
	search->page_size = facts->page_size;
	return search;
}

int proc_read_others(struct proc *proc, const struct facts *facts, const struct private_page *pages,
		     size_t n_pages, other_fn *take, void *context, struct notes *notes)
{
	struct search *search = search_new(proc, facts, pages, n_pages);
	struct taker taker = { .take = take, .context = context };
	struct error err;
	int r = list_others(search, proc, &err);

	if (r == 0) {
		const struct pool_jobs jobs = {
			.n = search->n_pids,
			.result_size = sizeof(struct reply),
			.run = read_other,
			.context = search,
			.take = take_reply,
			.taker = &taker,
		};

		taker.pids = search->pids;
		taker.missing.n_all = search->n_pids;
		pool_run(&jobs, READ_TIMEOUT_MS);
		note_missing_processes(&taker.missing, "", notes);
	} else {
		notes_warn(notes, "processes-unlisted", "no other processes: %s", err.text);
	}
	/* Threads that were given up may still look at `search`: then it is not freed. */
	if (taker.missing.silent.n == 0)
		search_free(search);
	return r;
}
