/* SPDX-License-Identifier: MIT */
/*
 * The map of a core file: its PT_LOADs are the mappings, and NT_FILE says which of them are of files. It has
 * none of the kernel's names: what is called [stack], [vdso] and so on is found by what the auxiliary vector
 * points to, and the brk heap by its place.
 */
#pragma once

#include "core/core_file.h"
#include "model/facts.h"

/*
 * Adds the mappings, with an object for each file. What the core leaves open of access is open in them:
 * whether a file is mapped shared; all access of what only NT_FILE lists, as gdb leaves it out.
 */
void core_read_map(const struct core_file *core, struct facts *facts);

/*
 * Once the images of objects are known: settles the access of what modules map, and fills facts->inferred.
 */
void core_settle_map(const struct core_file *core, struct facts *facts);

/* The object of the program that ran; NULL where it is not known. */
const struct object *core_program(const struct core_file *core, const struct facts *facts);
