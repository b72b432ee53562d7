/* SPDX-License-Identifier: MIT */
/*
 * What a region is, as a number that its like in another address space has too: for match.c.
 */
#pragma once

#include "model/space.h"

/* Of an object, or of a thread. */
struct name_hashes {
	uint64_t exact, folded, base, directory;
};

/* One of the two spaces. */
struct side {
	const struct space *space;
	struct name_hashes *objects, *threads;
	uint32_t *partner;
	const struct region *brk_heap; /* what a live process has as [heap], where it has no name; or NULL */
	struct name_hashes heap_name;
	uint64_t *above, *below; /* by region: the folded name of the next one that has any */
};

/* `partner` is the caller's to free, all the rest ends with side_done(). */
void side_init(struct side *side, const struct space *space);
void side_done(struct side *side);

/* Of kind, name and section. */
uint64_t hash_identity(const struct side *side, const struct region *region);

/* Each makes the key of a region that it is for, and returns false of others. */
typedef bool key_fn(const struct side *side, const struct region *region, uint64_t *ret);

/* Who it is, and its first address, or the one after the last. */
key_fn key_start, key_end;
/*
 * Its module by name, and the address in the file; the module alone; once its name is folded; and without
 * its directory. Of two ELF files each is the like of the other, whatever they are called.
 */
key_fn key_module_place, key_module, key_folded_module, key_base_module;
/* The name of its thread, as it is and folded. */
key_fn key_thread, key_folded_thread;
/* Its name and the offset in the file; the name alone; and both once the name is folded. */
key_fn key_name_place, key_name, key_folded_place, key_folded;
/* What has no name: which name is next above, or below. */
key_fn key_above, key_below;
/* Access, size and name; the file, whatever it is called; access, size and directory. */
key_fn key_looks, key_file, key_directory;
