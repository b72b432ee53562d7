/* SPDX-License-Identifier: MIT */
/*
 * Access rights of a mapping, a segment or a section.
 */
#pragma once

#include <stdbool.h>

enum {
	PERM_X = 1,
	PERM_W = 2,
	PERM_R = 4,
	PERM_SHARED = 8, /* the 's' of /proc/PID/maps: VM_MAYSHARE */
};

/* Whether there is anything that may be done with the memory. */
static inline bool has_access(unsigned perms)
{
	return perms & (PERM_R | PERM_W | PERM_X);
}

/* "rw-p" and so on, by these bits, as in /proc/PID/maps. */
extern const char perms_texts[16][5];

static inline const char *perms_text(unsigned perms)
{
	return perms_texts[perms & 0xf];
}
