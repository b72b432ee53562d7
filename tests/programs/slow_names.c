/* SPDX-License-Identifier: MIT */
/* Preloaded into memmap: the name of a user takes long, as if a server of names were away, and is not known. */
#include <pwd.h>
#include <stddef.h>
#include <unistd.h>

#define DELAY 12 /* seconds */

struct passwd *getpwuid(uid_t uid)
{
	(void)uid;
	sleep(DELAY);
	return NULL;
}
