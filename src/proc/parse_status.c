/* SPDX-License-Identifier: MIT */
#include "proc/parse_status.h"

#include <stdlib.h>
#include <string.h>

#include "base/digits.h"

bool parse_stat(const char *text, size_t len, struct proc_stat *ret)
{
	struct proc_stat stat = { 0 };
	/* The command in parentheses is any text; the last parenthesis ends it. */
	const char *comm = len ? memchr(text, '(', len) : NULL;
	const char *p = comm ? memrchr(comm, ')', len - (size_t)(comm - text)) : NULL;

	if (!p || p[1] != ' ' || p[2] == '\0')
		return false;
	comm++;
	stat.comm_len = MIN((size_t)(p - comm), sizeof(stat.comm));
	memcpy(stat.comm, comm, stat.comm_len);
	stat.state = p[2];
	p += 3;
	for (size_t i = STAT_PPID; i < N_STAT_FIELDS; i++) {
		char *end;

		stat.field[i] = strtoull(p, &end, 10);
		if (end == p)
			break;
		p = end;
	}
	*ret = stat;
	return true;
}

/* What follows "KEY:" at the start of a line, or NULL. */
static const char *find_key(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) == 0 && line[len] == ':')
			return line + len + 1;
	}
	return NULL;
}

uint64_t parse_status_number(const char *text, const char *key)
{
	const char *value = find_key(text, key);
	char *end;
	uint64_t number;

	if (!value)
		return UNKNOWN;
	value += strspn(value, " \t");
	number = strtoull(value, &end, 10);
	if (!is_digit(*value))
		return UNKNOWN;
	if (strncmp(end, " kB", 3) != 0)
		return number;
	return number < UNKNOWN / 1024 ? number * 1024 : UNKNOWN;
}

uint64_t parse_status_user(const char *text)
{
	const char *value = find_key(text, "Uid");
	char *end;
	uint64_t user;

	/* The order is real, effective, saved, file system. */
	if (!value)
		return UNKNOWN;
	strtoull(value, &end, 10);
	value = end;
	user = strtoull(value, &end, 10);
	return end == value ? UNKNOWN : user;
}

uint64_t parse_status_inner_pid(const char *text)
{
	const char *value = find_key(text, "NSpid");
	uint64_t pid = UNKNOWN;
	char *end;

	while (value && *value != '\n' && *value != '\0') {
		pid = strtoull(value, &end, 10);
		if (end == value)
			return UNKNOWN;
		value = end;
	}
	return pid;
}

bool parse_status_hex(const char *text, const char *key, uint64_t *ret)
{
	const char *value = find_key(text, key);
	char *end;

	if (!value)
		return false;
	value += strspn(value, " \t");
	*ret = strtoull(value, &end, 16);
	return *value != '\n' && end != value;
}

uint64_t parse_limit(const char *text, const char *name, bool *ret_is_unlimited)
{
	static const char unlimited[] = "unlimited";
	const char *value = strstr(text, name);
	char *end;
	uint64_t number;

	*ret_is_unlimited = false;
	if (!value)
		return UNKNOWN;
	value += strlen(name);
	value += strspn(value, " ");
	*ret_is_unlimited = strncmp(value, unlimited, sizeof(unlimited) - 1) == 0;
	number = strtoull(value, &end, 10);
	return end == value ? UNKNOWN : number;
}
