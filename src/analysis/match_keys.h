/* SPDX-License-Identifier: MIT */
/*
 * What a region is, as a number that its counterpart in another address space has as well: for
 * match.c.
 */
#pragma once

#include "model/space.h"

/* Hashes of the name of an object or a thread. */
struct name_hashes {
	uint64_t exact, folded, base, directory;
};

/* One of the two spaces. */
struct side {
	const struct space *space;
	struct name_hashes *objects, *threads;
	uint32_t *partner;
	const struct region
		*brk_heap; /* a core's nameless brk heap, which a live process calls [heap]; or NULL */
	struct name_hashes heap_name;
	uint64_t *above, *below; /* by region: the folded name of the next region that has a name */
};

/* The caller frees `partner`; side_done() ends the rest. */
void side_init(struct side *side, const struct space *space);
void side_done(struct side *side);

/* A hash of the region's kind, name and section. */
uint64_t hash_identity(const struct side *side, const struct region *region);

/* Makes a region's key. False if this kind of key does not apply to the region. */
typedef bool key_fn(const struct side *side, const struct region *region, uint64_t *ret);

/* hash_identity() and the start of the region, or its end. */
key_fn key_start, key_end;
/*
 * The module's name and the address in its file; the name alone; the folded name; the folded name
 * without its directory. Modules of two ELF files correspond whatever their names.
 */
key_fn key_module_place, key_module, key_folded_module, key_base_module;
/* The name of the region's thread, as it is and folded. */
key_fn key_thread, key_folded_thread;
/* The region's name and offset in the file; the name alone; then both with the folded name. */
key_fn key_name_place, key_name, key_folded_place, key_folded;
/* For a nameless region: the next name above, or below. */
key_fn key_above, key_below;
/* Access, size and name; the file, whatever its name; access, size and directory. */
key_fn key_looks, key_file, key_directory;
