/* SPDX-License-Identifier: MIT */
/*
 * The program of a core that does not list files, as qemu-user writes them: where it begins and what it was called is
 * in the auxiliary vector, the rest in its headers in memory.
 */
#pragma once

#include "core/core_file.h"

/* Adds it to core->notes.files, where its path is known from the root on. */
void core_list_program(struct core_file *core);
