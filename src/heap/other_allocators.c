/* SPDX-License-Identifier: MIT */
#include "heap/other_allocators.h"

#include <fnmatch.h>
#include <string.h>

#include "base/mem.h"

static const struct {
	/*
	 * Matches a module's path, or just its last part if the pattern has no slash; or a
	 * mapping's label.
	 */
	const char *pattern;
	const char *name;
} allocators[] = {
	{ "libjemalloc*.so*", "jemalloc" },
	{ "[[]anon:*jemalloc*", "jemalloc" },
	{ "libtcmalloc*.so*", "tcmalloc" },
	{ "libmimalloc*.so*", "mimalloc" },
	{ "[[]anon:scudo:*", "scudo" },
	{ "ld-musl-*.so*", "musl" },
	{ "libc.musl-*.so*", "musl" },
	/*
	 * musl's loaders are links to these: the first is in Debian's directory for the
	 * architecture, the second musl's default.
	 */
	{ "*/*-linux-musl*/libc.so", "musl" },
	{ "*/musl/lib/libc.so", "musl" },
	{ "libjvm.so", "the JVM" },
	/* These contain their own allocator. */
	{ "chrome", "PartitionAlloc" },
	{ "chromium", "PartitionAlloc" },
	{ "electron", "PartitionAlloc" },
	{ "firefox*", "jemalloc" },
	{ "node", "V8" },
	{ "libnode.so*", "V8" },
	{ "[[]anon:v8*", "V8" },
	{ "[[]anon: Go: heap*", "Go" },
	{ "libpython*.so*", "Python" },
	{ "python[23]*", "Python" },
};

static bool is_called(const struct object *object, const char *pattern)
{
	_cleanup_free_ char *name = object->name ? mem_copy(object->name, object->name_len) : NULL;
	size_t suffix = strlen(DELETED_SUFFIX);
	char *slash;

	if (!name)
		return false;
	if (object->name_len > suffix && strcmp(name + object->name_len - suffix, DELETED_SUFFIX) == 0)
		name[object->name_len - suffix] = '\0';
	slash = *name == '/' && !strchr(pattern, '/') ? strrchr(name, '/') : NULL;
	return fnmatch(pattern, slash ? slash + 1 : name, 0) == 0;
}

/* Go's linker describes how a program was built in a section of its own. */
static bool is_go(const struct object *object)
{
	for (size_t i = 0; object->image && i < object->image->n_sections; i++)
		if (object->image->sections[i].name &&
		    strcmp(object->image->sections[i].name, ".go.buildinfo") == 0)
			return true;
	return false;
}

/* Whether a file is mapped as a module; a label always counts. */
static bool is_used(const struct object *object)
{
	return object->type != OBJECT_FILE || object->is_executable;
}

static void add(char **names, const char *name)
{
	char *all;

	if (*names && strstr(*names, name))
		return;
	all = mem_format("%s%s%s", *names ? *names : "", *names ? ", " : "", name);
	free(*names);
	*names = all;
}

char *find_other_allocators(const struct space *space)
{
	char *names = NULL;

	for (size_t i = 0; i < space->facts.n_objects; i++) {
		const struct object *object = space->facts.objects[i];

		if (!is_used(object))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(allocators); k++)
			if (is_called(object, allocators[k].pattern))
				add(&names, allocators[k].name);
		if (is_go(object))
			add(&names, "Go");
	}
	return names;
}
