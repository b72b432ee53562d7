/* SPDX-License-Identifier: MIT */
/*
 * The program of a core file that does not list files, as qemu-user writes them: the auxiliary
 * vector says where it begins and what it was called, its headers in memory say the rest.
 */
#pragma once

#include "core/core_file.h"

/* Adds the program to core->notes.files, if its absolute path is known. */
void core_list_program(struct core_file *core);
