/* SPDX-License-Identifier: MIT */
#include "proc/parse_cgroup.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"

#define ID_LEN 64 /* hexadecimal digits of a container's ID */
#define HEX "0123456789abcdef"

/* Whether `word` is in a comma-separated list. */
static bool has_word(const char *list, size_t len, const char *word)
{
	size_t word_len = strlen(word);

	while (len > 0) {
		const char *comma = memchr(list, ',', len);
		size_t item = comma ? (size_t)(comma - list) : len;

		if (item == word_len && memcmp(list, word, item) == 0)
			return true;
		item += comma != NULL;
		list += item;
		len -= item;
	}
	return false;
}

/* Lines are NUMBER:CONTROLLERS:PATH; version 2 has no controllers. */
char *parse_cgroup(const char *text)
{
	const char *found = NULL;
	size_t found_len = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");
		const char *list = memchr(text, ':', len);
		const char *colon = list ? memchr(list + 1, ':', len - (size_t)(list + 1 - text)) : NULL;
		bool is_memory = colon && has_word(list + 1, (size_t)(colon - list - 1), "memory");

		if (is_memory || (colon && colon == list + 1 && !found)) {
			found = colon + 1;
			found_len = len - (size_t)(found - text);
			if (is_memory)
				break;
		}
		text += len + (text[len] == '\n');
	}
	return found ? mem_copy(found, found_len) : NULL;
}

/* "docker-ID.scope", "ID". A monitor such as conmon has its container's ID in the name, but is not inside. */
static const char *find_id(const char *name, size_t len, size_t *ret_len)
{
	if (memmem(name, len, "conmon", strlen("conmon")))
		return NULL;
	for (size_t i = 0; i + ID_LEN <= len; i++) {
		size_t digits = strspn(name + i, HEX);

		if (digits == ID_LEN) {
			*ret_len = ID_LEN;
			return name + i;
		}
		i += digits;
	}
	return NULL;
}

static const char *find_after(const char *name, size_t len, const char *prefix, const char *suffix,
			      size_t *ret_len)
{
	size_t before = strlen(prefix);
	size_t after = strlen(suffix);

	if (len <= before + after || memcmp(name, prefix, before) != 0 ||
	    memcmp(name + len - after, suffix, after) != 0)
		return NULL;
	*ret_len = len - before - after;
	return name + before;
}

static const char *find_container(const char *parent, const char *name, size_t len, size_t *ret_len)
{
	const char *found = find_id(name, len, ret_len);

	if (!found)
		found = find_after(name, len, "lxc.payload.", "", ret_len);
	if (!found)
		found = find_after(name, len, "machine-", ".scope", ret_len);
	if (!found && strncmp(parent, "lxc/", strlen("lxc/")) == 0)
		found = find_after(name, len, "", "", ret_len);
	return found;
}

/* Containers may be nested: the innermost one counts. */
const char *cgroup_container(const char *path, size_t *ret_len)
{
	const char *found = NULL;
	const char *parent = "";

	while (*path) {
		size_t len, found_len;
		const char *container;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		container = find_container(parent, path, len, &found_len);
		if (container) {
			found = container;
			*ret_len = found_len;
		}
		parent = path;
		path += len;
	}
	return found;
}
