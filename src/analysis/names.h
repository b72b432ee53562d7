/* SPDX-License-Identifier: MIT */
/*
 * What the names of mappings mean: those that the kernel gives, and those that allocators and
 * runtimes set through it (prctl PR_SET_VMA_ANON_NAME).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/kind.h"

struct label {
	enum kind kind; /* KIND_ANON: only known to be anonymous memory */
	bool is_main;	/* the main thread's stack */
	int32_t tid;	/* the thread in the name, or NO_TID */
};

/* For the name of an object of type OBJECT_PSEUDO or OBJECT_KERNEL. */
struct label find_name_meaning(const char *name, size_t len, unsigned perms);
