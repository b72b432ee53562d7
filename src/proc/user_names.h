/* SPDX-License-Identifier: MIT */
/*
 * Users by number and by name: those of /etc/passwd first, which most are, and then those of the
 * name services (LDAP, systemd, …). A static program knows only the former: name services are
 * libraries that the C library loads, which must be of its own build.
 */
#pragma once

#include <stdint.h>

/*
 * The name of a user, or the number as text when there is none; to be freed. *ret_error: 0; or, where the users
 * could not be read, a negative errno.
 */
char *user_name(uint64_t uid, int *ret_error);

/* The number of the user of this name. 0; -ENOENT: there is none; or another negative errno. */
int user_number(const char *name, uint64_t *ret);
