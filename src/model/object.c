/* SPDX-License-Identifier: MIT */
#include "model/object.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

const char *const file_state_names[N_FILE_STATES] = {
	[FILE_OK] = "ok",	[FILE_DELETED] = "deleted",	  [FILE_REPLACED] = "replaced",
	[FILE_MEMFD] = "memfd", [FILE_UNREADABLE] = "unreadable",
};

/* As far as the line of the map shows; a file may turn out to be something else once it is looked at. */
static enum object_type type_of(const struct object *object)
{
	if (!object->name)
		return has_file(object) ? OBJECT_FILE : OBJECT_NONE;
	if (object->name[0] == '[' && !has_file(object))
		return OBJECT_PSEUDO;
	/* A file's path begins with a slash. These names do not, so no file can fake them. */
	if (object->name[0] != '/')
		return OBJECT_KERNEL;
	return OBJECT_FILE;
}

struct object *object_new(const struct object *key)
{
	struct object *object = mem_alloc(sizeof(*object));

	*object = *key;
	object->name = key->name ? mem_copy(key->name, key->name_len) : NULL;
	object->is_plain = text_is_plain(key->name, key->name_len);
	object->type = type_of(key);
	return object;
}

void object_free(struct object *object)
{
	image_free(object->image);
	free(object->name);
	free(object);
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

int object_compare(const void *a, const void *b)
{
	const struct object *x = a;
	const struct object *y = b;
	int order = COMPARE(x->inode, y->inode);

	if (order == 0)
		order = COMPARE(x->minor, y->minor);
	if (order == 0)
		order = COMPARE(x->major, y->major);
	if (order == 0)
		order = COMPARE(x->name_len, y->name_len);
	if (order == 0 && x->name_len > 0)
		order = memcmp(x->name, y->name, x->name_len);
	return order;
}

bool is_kernel_name(const struct object *object)
{
	static const char *const prefixes[] = {
		"/memfd:", "/SYSV", "/dev/zero (deleted)", "/anon_hugepage", "/[aio]", "/secretmem",
	};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (strncmp(object->name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

bool is_pseudo_path(const struct object *object, const char *name)
{
	return object->type == OBJECT_PSEUDO && object->name_len == strlen(name) &&
	       memcmp(object->name, name, object->name_len) == 0;
}

const char *object_base_name(const struct object *object, size_t *ret_len)
{
	bool is_path = object->name && object->name[0] == '/';
	const char *slash = is_path ? memrchr(object->name, '/', object->name_len) : NULL;
	const char *base = slash && slash[1] ? slash + 1 : object->name;

	*ret_len = base ? object->name_len - (size_t)(base - object->name) : 0;
	return base;
}

size_t undeleted_len(const char *name, size_t len)
{
	size_t suffix = strlen(DELETED_SUFFIX);

	return len > suffix && memcmp(name + len - suffix, DELETED_SUFFIX, suffix) == 0 ? len - suffix : len;
}

char *unlinked_path(const struct object *object)
{
	size_t len = object->name ? undeleted_len(object->name, object->name_len) : 0;

	return len > 0 && len < object->name_len ? mem_copy(object->name, len) : NULL;
}
