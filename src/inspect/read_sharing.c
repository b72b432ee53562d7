/* SPDX-License-Identifier: MIT */
#include "inspect/read_sharing.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/sharing_index.h"
#include "base/mem.h"
#include "pages/private_pages.h"

/* What is known so far, while the other processes are read one by one. */
struct reader {
	const struct space *space;
	struct sharing *sharing;
	struct sharing_index index;
	struct private_pages pages;
	/*
	 * By page, enum page_relation: to the parent, if that is a relative; and the closest to any
	 * relative.
	 */
	uint8_t *to_parent, *to_any;
	struct notes *notes;
};

/* ---- one process after the other ---- */

static uint32_t add_process(struct sharing *sharing, int pid, const char *comm, size_t comm_len)
{
	mem_grow(sharing->processes, sharing->n_processes, sharing->cap_processes);
	sharing->processes[sharing->n_processes] = (struct sharer){
		.pid = pid,
		.comm = comm ? mem_copy(comm, comm_len) : NULL,
		.comm_len = comm_len,
	};
	return (uint32_t)sharing->n_processes++;
}

/* Adds the process to the users of private regions in which it still shares a page with the target. */
static void add_common_pages(struct reader *reader, uint32_t process, const uint8_t *relations)
{
	const struct private_pages *pages = &reader->pages;
	const struct region_user user = { .process = process };

	for (size_t i = 0; i < pages->n; i++)
		if (relations[i] == PAGE_COMMON)
			sharing_add_user(&reader->index, reader->sharing, pages->regions[i], &user);
}

static void keep_relations(const struct reader *reader, uint8_t *closest, const uint8_t *relations)
{
	for (size_t i = 0; i < reader->pages.n; i++)
		closest[i] = MAX(closest[i], relations[i]);
}

static void take_relative(struct reader *reader, uint32_t process, const struct other_process *other)
{
	struct fork *fork = &reader->sharing->fork;

	fork->n_relatives++;
	if (!other->pages)
		return;
	keep_relations(reader, reader->to_any, other->pages);
	if (other->pid == reader->space->facts.process.ppid) {
		keep_relations(reader, reader->to_parent, other->pages);
		fork->parent = other->pid;
	}
	add_common_pages(reader, process, other->pages);
}

static void take_other(void *context, const struct other_process *other)
{
	struct reader *reader = context;
	uint32_t process = add_process(reader->sharing, other->pid, other->comm, other->comm_len);

	sharing_add_mappings(&reader->index, reader->sharing, process, other->mappings, other->n_mappings,
			     false);
	if (other->is_relative)
		take_relative(reader, process, other);
	if (other->has_same_memory)
		notes_add(
			reader->notes, "memory-shared",
			"process %d shares all of this memory (CLONE_VM): what one of them writes, both see",
			other->pid);
}

/* ---- what it comes to ---- */

/* A region may be written through any of the target's mappings. */
static void add_own_mappings(struct reader *reader, struct source *source, uint32_t process)
{
	const struct facts *facts = &reader->space->facts;
	_cleanup_free_ struct other_mapping *mappings = mem_array(facts->n_mappings, sizeof(*mappings));
	size_t n = 0;

	for (size_t i = 0; i < facts->n_mappings; i++) {
		const struct mapping *m = &facts->mappings[i];

		mappings[n] = (struct other_mapping){
			.objects = &m->object,
			.n_objects = 1,
			.start = m->offset,
			.end = m->offset + (m->end - m->start),
			.perms = m->perms,
			.may_write = source_may_write(source, m),
		};
		if (mappings[n].start < mappings[n].end && has_access(m->perms))
			n++;
	}
	sharing_add_mappings(&reader->index, reader->sharing, process, mappings, n, true);
}

/* The target itself is a user of every listed region whose users are known, with or without a file. */
static void add_target(struct reader *reader, struct source *source)
{
	const struct process *target = &reader->space->facts.process;
	struct sharing *sharing = reader->sharing;
	const struct region_user user = {
		.process = add_process(sharing, target->pid, target->comm, target->comm_len),
	};

	add_own_mappings(reader, source, user.process);
	for (size_t i = 0; i < sharing->n_regions; i++)
		if (!sharing->regions[i].has_unknown_users)
			sharing_add_user(&reader->index, sharing, sharing->regions[i].region, &user);
}

static void count_page(struct shared_region *region, uint8_t relation, uint64_t page_size)
{
	if (relation == PAGE_COMMON)
		region->inherited += page_size;
	else if (relation == PAGE_SEPARATE)
		region->unshared += page_size;
	else if (relation == PAGE_ABSENT)
		region->fresh += page_size;
}

static void count_pages(struct reader *reader)
{
	const uint8_t *relations = reader->sharing->fork.parent ? reader->to_parent : reader->to_any;

	for (size_t i = 0; i < reader->pages.n; i++) {
		struct shared_region *region =
			sharing_region(&reader->index, reader->sharing, reader->pages.regions[i]);

		count_page(region, relations[i], reader->space->facts.page_size);
	}
}

/* Without page frames, the kernel's counter tells that pages are shared, but not with whom. */
static void add_unknown(struct reader *reader)
{
	const struct space *space = reader->space;
	size_t n = reader->sharing->fork.n_relatives;

	for (uint32_t i = 0; i < space->judgement.n_regions; i++) {
		const struct region *region = &space->judgement.regions[i];
		uint64_t shared = region_counter(space, region, COUNTER_SHARED);

		if (is_anonymous(&space->facts, &space->facts.mappings[region->mapping]) &&
		    shared != UNKNOWN && shared > 0)
			sharing_region(&reader->index, reader->sharing, i)->has_unknown_users = true;
	}
	notes_warn(reader->notes, "frames-unknown",
		   "%zu other process%s from the same fork(2); which pages are still shared with %s can "
		   "only be seen with CAP_SYS_ADMIN",
		   n, n == 1 ? " comes" : "es come", n == 1 ? "it" : "them");
}

static void settle_fork(struct reader *reader)
{
	struct fork *fork = &reader->sharing->fork;

	fork->has_frames = reader->pages.has_frames;
	if (fork->n_relatives > 0 && fork->has_frames)
		count_pages(reader);
	else if (fork->n_relatives > 0)
		add_unknown(reader);
}

void read_sharing(struct source *source, const struct space *space, struct answers *answers)
{
	struct reader reader = {
		.space = space,
		.sharing = &answers->sharing,
		.notes = &answers->notes,
	};
	int r;

	sharing_index_init(&reader.index, space);
	read_private_pages(source, space, &reader.pages);
	reader.to_parent = mem_alloc(reader.pages.n + 1);
	reader.to_any = mem_alloc(reader.pages.n + 1);
	r = source_read_others(source, &space->facts, reader.pages.items, reader.pages.n, take_other, &reader,
			       reader.notes);
	answers->sharing.is_missing = r < 0;
	if (r == 0) {
		settle_fork(&reader);
		add_target(&reader, source);
		sharing_settle(&answers->sharing);
	}
	private_pages_done(&reader.pages);
	sharing_index_done(&reader.index);
	free(reader.to_parent);
	free(reader.to_any);
}
