/* SPDX-License-Identifier: MIT */
/*
 * The map of a core file: its PT_LOADs are the mappings, and NT_FILE says which of them are of
 * files. It lacks the kernel's names: [stack], [vdso] and so on are found through the auxiliary
 * vector, and the brk heap by its place.
 */
#pragma once

#include "core/core_file.h"
#include "model/facts.h"

/*
 * Adds the mappings, with an object for each file. Access rights that the core does not record are
 * open (PERM_OPEN): whether a file is mapped shared, and all rights of mappings that only NT_FILE
 * lists, since gdb leaves them out.
 */
void core_read_map(const struct core_file *core, struct facts *facts);

/*
 * Call this when the images of objects are known: settles the access rights of module mappings, and
 * fills facts->inferred.
 */
void core_settle_map(const struct core_file *core, struct facts *facts);

/* The object of the program that ran; NULL if it is not known. */
const struct object *core_program(const struct core_file *core, const struct facts *facts);
