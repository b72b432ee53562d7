/* SPDX-License-Identifier: MIT */
#include "analysis/match_keys.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/fold_name.h"
#include "base/hash.h"
#include "base/mem.h"

static struct name_hashes hash_name(const char *name, size_t len)
{
	_cleanup_free_ char *folded = fold_name(name, len);
	const char *slash = memrchr(name, '/', len);
	const char *base = strrchr(folded, '/');

	len = undeleted_len(name, len);
	return (struct name_hashes){
		.exact = hash_bytes(HASH_START, name, len),
		.folded = hash_bytes(HASH_START, folded, strlen(folded)),
		.base = hash_bytes(HASH_START, base ? base : folded, strlen(base ? base : folded)),
		.directory = hash_bytes(HASH_START, name, slash ? (size_t)(slash - name) : 0),
	};
}

static const struct mapping *mapping_of(const struct side *side, const struct region *region)
{
	return &side->space->facts.mappings[region->mapping];
}

/* Hashes of the name that people call a region by, or NULL. */
static const struct name_hashes *name_of(const struct side *side, const struct region *region)
{
	const struct object *object = region_name(side->space, region);

	if (object && object->name)
		return &side->objects[object->index];
	return region == side->brk_heap ? &side->heap_name : NULL;
}

static uint64_t hash_kind(const struct region *region)
{
	return hash_number(HASH_START, region->kind);
}

static uint64_t hash_section(const struct side *side, const struct region *region, uint64_t hash)
{
	const struct section *section = region_section(side->space, region);

	return section && section->name ? hash_bytes(hash, section->name, strlen(section->name)) : hash;
}

uint64_t hash_identity(const struct side *side, const struct region *region)
{
	const struct name_hashes *name = name_of(side, region);

	return hash_section(side, region, hash_number(hash_kind(region), name ? name->exact : 0));
}

bool key_start(const struct side *side, const struct region *region, uint64_t *ret)
{
	*ret = hash_number(hash_identity(side, region), region->start);
	return true;
}

bool key_end(const struct side *side, const struct region *region, uint64_t *ret)
{
	*ret = hash_number(hash_identity(side, region), region->end);
	return true;
}

static uint64_t hash_module(const struct side *side, const struct region *region, bool is_folded)
{
	const struct module *module = &side->space->judgement.modules[region->module];
	const struct name_hashes *name = &side->objects[module->object];

	return hash_section(side, region,
			    hash_number(hash_kind(region), is_folded ? name->folded : name->exact));
}

bool key_module_place(const struct side *side, const struct region *region, uint64_t *ret)
{
	if (region->module == NO_MODULE)
		return false;
	*ret = hash_number(hash_module(side, region, false),
			   region->start - side->space->judgement.modules[region->module].bias);
	return true;
}

bool key_module(const struct side *side, const struct region *region, uint64_t *ret)
{
	if (region->module == NO_MODULE)
		return false;
	*ret = hash_module(side, region, false);
	return true;
}

bool key_folded_module(const struct side *side, const struct region *region, uint64_t *ret)
{
	if (region->module == NO_MODULE)
		return false;
	*ret = hash_module(side, region, true);
	return true;
}

bool key_base_module(const struct side *side, const struct region *region, uint64_t *ret)
{
	bool is_file = side->space->facts.origin == ORIGIN_ELF;

	if (region->module == NO_MODULE)
		return false;
	*ret = hash_section(
		side, region,
		hash_number(
			hash_kind(region),
			is_file ? 0 :
				  side->objects[side->space->judgement.modules[region->module].object].base));
	return true;
}

/* The thread whose memory it is, or NULL if the memory has a name, as the main thread's stack has. */
static const struct name_hashes *thread_of(const struct side *side, const struct region *region)
{
	const struct facts *facts = &side->space->facts;
	size_t i = region->tid == NO_TID || name_of(side, region) ? facts->n_threads :
								    facts_find_thread(facts, region->tid);

	return i < facts->n_threads && facts->threads[i].comm ? &side->threads[i] : NULL;
}

bool key_thread(const struct side *side, const struct region *region, uint64_t *ret)
{
	const struct name_hashes *thread = thread_of(side, region);

	*ret = thread ? hash_number(hash_kind(region), thread->exact) : 0;
	return thread != NULL;
}

bool key_folded_thread(const struct side *side, const struct region *region, uint64_t *ret)
{
	const struct name_hashes *thread = thread_of(side, region);

	*ret = thread ? hash_number(hash_kind(region), thread->folded) : 0;
	return thread != NULL;
}

/* The offset of a region in its file; 0 without a file. */
static uint64_t offset_of(const struct side *side, const struct region *region)
{
	const struct mapping *m = mapping_of(side, region);

	return has_offset(mapping_object(&side->space->facts, m)) ? m->offset + (region->start - m->start) :
								    0;
}

static bool is_named(const struct side *side, const struct region *region)
{
	return region->module == NO_MODULE && name_of(side, region);
}

bool key_name_place(const struct side *side, const struct region *region, uint64_t *ret)
{
	if (!is_named(side, region))
		return false;
	*ret = hash_number(hash_identity(side, region), offset_of(side, region));
	return true;
}

bool key_name(const struct side *side, const struct region *region, uint64_t *ret)
{
	*ret = hash_identity(side, region);
	return is_named(side, region);
}

bool key_folded_place(const struct side *side, const struct region *region, uint64_t *ret)
{
	if (!is_named(side, region))
		return false;
	*ret = hash_number(hash_number(hash_kind(region), name_of(side, region)->folded),
			   offset_of(side, region));
	return true;
}

bool key_folded(const struct side *side, const struct region *region, uint64_t *ret)
{
	if (!is_named(side, region))
		return false;
	*ret = hash_number(hash_kind(region), name_of(side, region)->folded);
	return true;
}

bool key_above(const struct side *side, const struct region *region, uint64_t *ret)
{
	*ret = hash_number(hash_kind(region), side->above[region - side->space->judgement.regions]);
	return !name_of(side, region);
}

bool key_below(const struct side *side, const struct region *region, uint64_t *ret)
{
	*ret = hash_number(hash_kind(region), side->below[region - side->space->judgement.regions]);
	return !name_of(side, region);
}

static uint64_t hash_looks(const struct side *side, const struct region *region)
{
	uint64_t hash = hash_number(hash_kind(region), mapping_of(side, region)->perms);

	return hash_number(hash, region->end - region->start);
}

bool key_looks(const struct side *side, const struct region *region, uint64_t *ret)
{
	const struct name_hashes *name = name_of(side, region);

	*ret = hash_number(hash_looks(side, region), name ? name->folded : 0);
	return true;
}

bool key_file(const struct side *side, const struct region *region, uint64_t *ret)
{
	const struct object *object = region_name(side->space, region);

	if (!object || !has_file(object))
		return false;
	*ret = hash_number(hash_kind(region), (uint64_t)object->major << 32 | object->minor);
	*ret = hash_number(hash_number(*ret, object->inode), offset_of(side, region));
	return true;
}

bool key_directory(const struct side *side, const struct region *region, uint64_t *ret)
{
	const struct object *object = region_name(side->space, region);

	if (!is_named(side, region) || !object || object->name[0] != '/')
		return false;
	*ret = hash_number(hash_looks(side, region), name_of(side, region)->directory);
	return true;
}

/* ---- what they are made from ---- */

static struct name_hashes *hash_objects(const struct facts *facts)
{
	struct name_hashes *hashes = mem_alloc(facts->n_objects * sizeof(*hashes));

	for (size_t i = 0; i < facts->n_objects; i++)
		if (facts->objects[i]->name)
			hashes[i] = hash_name(facts->objects[i]->name, facts->objects[i]->name_len);
	return hashes;
}

static struct name_hashes *hash_threads(const struct facts *facts)
{
	struct name_hashes *hashes = mem_alloc(facts->n_threads * sizeof(*hashes));

	for (size_t i = 0; i < facts->n_threads; i++)
		if (facts->threads[i].comm)
			hashes[i] = hash_name(facts->threads[i].comm, facts->threads[i].comm_len);
	return hashes;
}

/*
 * A core has no names for anonymous memory; a snapshot of a core does not say where the heap began,
 * either.
 */
static const struct region *find_brk_heap(const struct space *space)
{
	uint64_t start = space->facts.process.start_brk;
	const struct judgement *judgement = &space->judgement;

	for (size_t i = 0; i < judgement->n_regions; i++) {
		const struct region *region = &judgement->regions[i];

		if (region->kind == KIND_HEAP && region->basis == BASIS_PATTERN &&
		    !region_name(space, region) && space->facts.origin == ORIGIN_CORE &&
		    (start == UNKNOWN || (region->start <= start && start < region->end)))
			return region;
	}
	return NULL;
}

/* For each region, finds the nearest name at or below it, and at or above it. */
static void find_neighbours(struct side *side)
{
	size_t n = side->space->judgement.n_regions;
	uint64_t last = 0;

	side->below = mem_array(n, sizeof(*side->below));
	side->above = mem_array(n, sizeof(*side->above));
	for (size_t i = 0; i < n; i++) {
		const struct name_hashes *name = name_of(side, &side->space->judgement.regions[i]);

		side->below[i] = last = name ? name->folded : last;
	}
	last = 0;
	for (size_t i = n; i-- > 0;) {
		const struct name_hashes *name = name_of(side, &side->space->judgement.regions[i]);

		side->above[i] = last = name ? name->folded : last;
	}
}

void side_init(struct side *side, const struct space *space)
{
	size_t n = space->judgement.n_regions;

	*side = (struct side){
		.space = space,
		.objects = hash_objects(&space->facts),
		.threads = hash_threads(&space->facts),
		.brk_heap = find_brk_heap(space),
		.heap_name = hash_name("[heap]", strlen("[heap]")),
		.partner = mem_array(n, sizeof(*side->partner)),
	};
	for (size_t i = 0; i < n; i++)
		side->partner[i] = NO_REGION;
	find_neighbours(side);
}

void side_done(struct side *side)
{
	free(side->objects);
	free(side->threads);
	free(side->above);
	free(side->below);
}
