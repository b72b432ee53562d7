/* SPDX-License-Identifier: MIT */
#include "analysis/sharing_index.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/range.h"

/* ---- where regions lie in files ---- */

static bool may_be_shared(const struct object *object)
{
	return has_file(object) &&
	       (object->type == OBJECT_FILE || object->type == OBJECT_SHM || object->type == OBJECT_KERNEL);
}

static void add_range(struct sharing_index *index, uint32_t number)
{
	const struct facts *facts = &index->space->facts;
	const struct region *region = &index->space->judgement.regions[number];
	const struct mapping *m = &facts->mappings[region->mapping];
	uint64_t start = page_floor(m->offset + (region->start - m->start), facts->page_size);

	if (!may_be_shared(mapping_object(facts, m)) || !has_access(m->perms))
		return;
	index->ranges[index->n++] = (struct file_range){
		.object = m->object,
		.region = number,
		.start = start,
		.end = page_ceil(m->offset + (region->end - m->start), facts->page_size),
	};
}

static int compare_ranges(const void *a, const void *b)
{
	const struct file_range *x = a;
	const struct file_range *y = b;

	if (x->object != y->object)
		return x->object < y->object ? -1 : 1;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->region > y->region) - (x->region < y->region);
}

void sharing_index_init(struct sharing_index *index, const struct space *space)
{
	size_t n = space->judgement.n_regions;
	const struct file_range *before = NULL;

	*index = (struct sharing_index){
		.space = space,
		.ranges = mem_array(n, sizeof(struct file_range)),
		.positions = mem_alloc(n * sizeof(uint32_t) + 1),
	};
	for (uint32_t i = 0; i < n; i++)
		add_range(index, i);
	mem_sort(index->ranges, index->n, sizeof(*index->ranges), compare_ranges);
	for (size_t i = 0; i < index->n; i++) {
		struct file_range *range = &index->ranges[i];
		bool is_first = !before || before->object != range->object;

		range->last_end = is_first ? range->end : MAX(range->end, before->last_end);
		before = range;
	}
}

void sharing_index_done(struct sharing_index *index)
{
	free(index->ranges);
	free(index->positions);
	*index = (struct sharing_index){ 0 };
}

/* Whether all ranges of the object up to this one end at or before `start`. */
static bool is_before(const struct file_range *range, uint32_t object, uint64_t start)
{
	if (range->object != object)
		return range->object < object;
	return range->last_end <= start;
}

/* The index of the first range of the object that may reach beyond `start`. */
static size_t find_range(const struct sharing_index *index, uint32_t object, uint64_t start)
{
	size_t low = 0;
	size_t high = index->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (is_before(&index->ranges[middle], object, start))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- who has them ---- */

struct shared_region *sharing_region(struct sharing_index *index, struct sharing *sharing, uint32_t region)
{
	if (!index->positions[region]) {
		mem_grow(sharing->regions, sharing->n_regions, sharing->cap_regions);
		sharing->regions[sharing->n_regions++] = (struct shared_region){ .region = region };
		index->positions[region] = (uint32_t)sharing->n_regions;
	}
	return &sharing->regions[index->positions[region] - 1];
}

static enum answer either(enum answer a, enum answer b)
{
	if (a == ANSWER_YES || b == ANSWER_YES)
		return ANSWER_YES;
	return a == ANSWER_NO ? b : a;
}

void sharing_add_user(struct sharing_index *index, struct sharing *sharing, uint32_t region,
		      const struct region_user *user)
{
	struct shared_region *shared = sharing_region(index, sharing, region);
	struct region_user *last = shared->n_users > 0 ? &shared->users[shared->n_users - 1] : NULL;

	if (last && last->process == user->process) {
		last->writes |= user->writes;
		last->may_write = either(last->may_write, user->may_write);
		return;
	}
	mem_grow_from(shared->users, shared->n_users, shared->cap_users, 4);
	shared->users[shared->n_users++] = *user;
}

static bool writes(unsigned perms)
{
	return (perms & (PERM_SHARED | PERM_W)) == (PERM_SHARED | PERM_W);
}

/* ---- what a process maps ---- */

struct part { /* of a file */
	uint64_t start, end;
};

/* Parts of one file that a process maps in the same way, sorted and disjoint. */
struct mapped {
	const struct part *parts;
	size_t n;
	struct region_user user;
	bool is_own;
};

/* Mappings are equal if they make no difference to the regions that share pages with them. */
static int compare_ways(const struct other_mapping *a, const struct other_mapping *b)
{
	if (*a->objects != *b->objects)
		return *a->objects < *b->objects ? -1 : 1;
	if (writes(a->perms) != writes(b->perms))
		return writes(a->perms) ? -1 : 1;
	return (int)a->may_write - (int)b->may_write;
}

static int compare_mappings(const void *a, const void *b)
{
	const struct other_mapping *x = a;
	const struct other_mapping *y = b;
	int r = compare_ways(x, y);

	return r != 0 ? r : (x->start > y->start) - (x->start < y->start);
}

/* Joins parts of the first mappings as long as they are mapped in the same way. Returns how many mappings. */
static size_t join(const struct other_mapping *mappings, size_t n, struct part *parts, size_t *ret_n)
{
	size_t n_parts = 0;
	size_t i;

	for (i = 0; i < n && compare_ways(mappings, &mappings[i]) == 0; i++) {
		struct part *last = n_parts > 0 ? &parts[n_parts - 1] : NULL;

		if (last && mappings[i].start <= last->end)
			last->end = MAX(last->end, mappings[i].end);
		else
			parts[n_parts++] = (struct part){ mappings[i].start, mappings[i].end };
	}
	*ret_n = n_parts;
	return i;
}

/* Looks up the regions rather than the mappings: both may be many, and all overlap. */
static void add_mapped(struct sharing_index *index, struct sharing *sharing, const struct mapped *mapped,
		       uint32_t object)
{
	const struct part *parts = mapped->parts;

	for (size_t i = find_range(index, object, parts[0].start); i < index->n; i++) {
		const struct file_range *range = &index->ranges[i];
		size_t k;

		if (range->object != object || range->start >= parts[mapped->n - 1].end)
			break;
		k = range_find(parts, mapped->n, sizeof(*parts), range->start);
		if (k < mapped->n && parts[k].start < range->end &&
		    (!mapped->is_own || index->positions[range->region]))
			sharing_add_user(index, sharing, range->region, &mapped->user);
	}
}

void sharing_add_mappings(struct sharing_index *index, struct sharing *sharing, uint32_t process,
			  struct other_mapping *mappings, size_t n, bool is_own)
{
	_cleanup_free_ struct part *parts = mem_array(n, sizeof(*parts));
	size_t n_joined;

	mem_sort(mappings, n, sizeof(*mappings), compare_mappings);
	for (size_t i = 0; i < n; i += n_joined) {
		const struct other_mapping *first = &mappings[i];
		struct mapped mapped = {
			parts, 0, { process, writes(first->perms), first->may_write }, is_own
		};

		n_joined = join(first, n - i, parts, &mapped.n);
		for (size_t k = 0; k < first->n_objects; k++)
			add_mapped(index, sharing, &mapped, first->objects[k]);
	}
}

/* ---- order ---- */

static int compare_regions(const void *a, const void *b)
{
	const struct shared_region *x = a;
	const struct shared_region *y = b;

	return (x->region > y->region) - (x->region < y->region);
}

static int compare_users(const void *a, const void *b, void *context)
{
	const struct sharer *processes = context;
	int x = processes[((const struct region_user *)a)->process].pid;
	int y = processes[((const struct region_user *)b)->process].pid;

	return (x > y) - (x < y);
}

void sharing_settle(struct sharing *sharing)
{
	bool is_known = sharing->fork.n_relatives > 0 && sharing->fork.has_frames;

	mem_sort(sharing->regions, sharing->n_regions, sizeof(*sharing->regions), compare_regions);
	for (size_t i = 0; i < sharing->n_regions; i++) {
		struct shared_region *region = &sharing->regions[i];

		if (region->n_users > 0)
			qsort_r(region->users, region->n_users, sizeof(*region->users), compare_users,
				sharing->processes);
		if (!is_known)
			region->inherited = region->unshared = region->fresh = UNKNOWN;
	}
}
