/* SPDX-License-Identifier: MIT */
/*
 * What a mapping is outside segments: by what it maps, the name that the kernel gives it, and its
 * access rights.
 */
#pragma once

#include "analysis/emit_regions.h"

struct verdict judge_mapping(const struct classifier *c, const struct mapping *m);

/* The kind by access rights alone: of a file mapping, and of memory without a file. */
enum kind judge_kind_by_perms(unsigned perms);

static inline enum kind judge_anon_kind(unsigned perms)
{
	if (perms & PERM_X)
		return KIND_JIT;
	return lacks_access(perms) ? KIND_RESERVED : KIND_ANON;
}
