/* SPDX-License-Identifier: MIT */
#include "proc/user_names.h"

#include <errno.h>
#include <pthread.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/util.h"
#include "config.h"

/* Entries with "+" and "-" include and exclude users of name services; they name no user. */
static bool is_user(const struct passwd *entry)
{
	return entry->pw_name[0] != '+' && entry->pw_name[0] != '-';
}

/* The entry for a name, or for a number if `name` is NULL. It is valid until the next call; NULL: none. */
static const struct passwd *find_local(const char *name, uint64_t uid, int *ret_error)
{
	_cleanup_fclose_ FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *entry;

	if (!file) {
		*ret_error = errno == ENOENT ? 0 : -errno;
		return NULL;
	}
	while ((entry = fgetpwent(file)))
		if (is_user(entry) && (name ? strcmp(entry->pw_name, name) == 0 : entry->pw_uid == uid))
			return entry;
	if (ferror(file))
		*ret_error = -errno;
	return NULL;
}

#ifdef HAS_NAME_SERVICES

static const struct passwd *ask_services(const char *name, uint64_t uid)
{
	return name ? getpwnam(name) : getpwuid((uid_t)uid);
}

#else

static const struct passwd *ask_services(const char *name _unused_, uint64_t uid _unused_)
{
	return NULL;
}

#endif

/* The services are asked last: that costs more than reading the map of a small process. */
static const struct passwd *find(const char *name, uint64_t uid, int *ret_error)
{
	const struct passwd *entry;

	*ret_error = 0;
	entry = find_local(name, uid, ret_error);
	return entry ? entry : ask_services(name, uid);
}

/* The C library owns the entry and overwrites it on the next call, so threads take turns. */
static pthread_mutex_t asking = PTHREAD_MUTEX_INITIALIZER;

char *user_name(uint64_t uid, int *ret_error)
{
	const struct passwd *entry;
	char number[24];
	char *name;

	pthread_mutex_lock(&asking);
	entry = find(NULL, uid, ret_error);
	snprintf(number, sizeof(number), "%u", (unsigned)uid);
	name = entry ? mem_copy(entry->pw_name, strlen(entry->pw_name)) : mem_copy(number, strlen(number));
	pthread_mutex_unlock(&asking);
	return name;
}

void name_user(struct facts *facts, uint64_t uid)
{
	int r = 0;

	if (uid != UNKNOWN)
		facts->process.user = user_name(uid, &r);
	if (r < 0)
		notes_warn(&facts->notes, "unread", "could not read /etc/passwd: %s: its data is missing",
			   strerror(-r));
}

int user_number(const char *name, uint64_t *ret)
{
	const struct passwd *entry;
	int r;

	pthread_mutex_lock(&asking);
	entry = find(name, 0, &r);
	if (entry) {
		*ret = entry->pw_uid;
		r = 0;
	} else if (r == 0) {
		r = -ENOENT;
	}
	pthread_mutex_unlock(&asking);
	return r;
}
