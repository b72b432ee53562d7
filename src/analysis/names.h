/* SPDX-License-Identifier: MIT */
/*
 * What the names mean that the kernel gives to mappings, and those that allocators and
 * runtimes give to theirs through it (prctl PR_SET_VMA_ANON_NAME).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/kind.h"

struct label {
	enum kind kind; /* KIND_ANON: no more than that it is anonymous memory */
	bool is_main;	/* the main thread's stack */
	int32_t tid;	/* the thread in the name, or NO_TID */
};

/* For the name of an object of type OBJECT_PSEUDO or OBJECT_KERNEL. */
struct label find_name_meaning(const char *name, size_t len, unsigned perms);
