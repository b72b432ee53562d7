/* SPDX-License-Identifier: MIT */
/*
 * Users by number and by name: from /etc/passwd first, which has most of them, then from the name
 * services (LDAP, systemd, …). A static program knows only /etc/passwd: name services are libraries
 * that the C library loads, and they must be from the same build.
 */
#pragma once

#include <stdint.h>

#include "model/facts.h"

/*
 * The name of a user, or the number as text if it has none; the caller frees it. *ret_error: 0, or
 * a negative errno if the users could not be read.
 */
char *user_name(uint64_t uid, int *ret_error);

/* Sets the name of the process's user, if `uid` is not UNKNOWN, or adds a note. */
void name_user(struct facts *facts, uint64_t uid);

/* The number of the user with this name. 0; -ENOENT: there is none; or another negative errno. */
int user_number(const char *name, uint64_t *ret);
