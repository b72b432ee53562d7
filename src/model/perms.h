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

/* A core file may not record a right. Its bit is then 0, and a bit above all rights marks it as open. */
#define PERM_OPEN(perms) ((unsigned)(perms) << 4)

/* The bits that are open. */
static inline unsigned open_perms(unsigned perms)
{
	return perms >> 4;
}

/* Whether the memory is accessible in any way. */
static inline bool has_access(unsigned perms)
{
	return perms & (PERM_R | PERM_W | PERM_X);
}

/* Whether the memory is known to be inaccessible. */
static inline bool lacks_access(unsigned perms)
{
	return !has_access(perms | open_perms(perms));
}

/* Whether two sets of rights differ, whatever the open rights are. */
static inline bool perms_differ(unsigned a, unsigned b)
{
	return (a ^ b) & ~(open_perms(a) | open_perms(b)) & (PERM_R | PERM_W | PERM_X | PERM_SHARED);
}

#define PERMS_LEN 4 /* of each text below */

/* "rw-p" and so on, indexed by these bits, as in /proc/PID/maps, with "?" for open rights. */
extern const char perms_texts[256][PERMS_LEN + 1];

static inline const char *perms_text(unsigned perms)
{
	return perms_texts[perms & 0xff];
}
