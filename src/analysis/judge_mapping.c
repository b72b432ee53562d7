/* SPDX-License-Identifier: MIT */
#include "analysis/judge_mapping.h"

#include "analysis/names.h"

enum kind judge_kind_by_perms(unsigned perms)
{
	if (perms & PERM_X)
		return KIND_TEXT;
	if (perms & PERM_W)
		return KIND_DATA;
	return perms & PERM_R ? KIND_RODATA : KIND_GUARD;
}

/*
 * A mapping of a file outside its module. A module's code may be mapped a second time (V8 does so
 * with its built-in functions), and executable memory is code whatever the file. If the headers are
 * unreadable, or nothing is mapped where they say, only access rights are left to judge by.
 */
static struct verdict judge_file(const struct classifier *c, const struct mapping *m)
{
	const struct object *object = mapping_object(c->facts, m);
	bool is_private = !(m->perms & PERM_SHARED);
	bool is_code = is_private && (m->perms & PERM_X);

	if (object->image && is_code && c->has_module[m->object])
		return (struct verdict){ KIND_TEXT, BASIS_SEGMENT, NO_MODULE, NO_TID, 0 };
	if (is_code || (is_private && object->headers == HEADERS_UNREADABLE && object->is_executable))
		return (struct verdict){ judge_kind_by_perms(m->perms), BASIS_PERMS, NO_MODULE, NO_TID, 0 };
	return (struct verdict){ KIND_FILE, BASIS_PERMS, NO_MODULE, NO_TID, 0 };
}

/*
 * The thread that the main stack belongs to; NO_TID if memory is shared with the parent, which then
 * owns that stack.
 */
static int32_t main_thread(const struct facts *facts)
{
	return facts->process.shares_memory ? NO_TID : facts->process.pid;
}

static struct verdict judge_named(const struct classifier *c, const struct mapping *m)
{
	const struct object *object = mapping_object(c->facts, m);
	struct label label = find_name_meaning(object->name, object->name_len, m->perms);
	int32_t tid = label.tid;

	if (label.kind == KIND_ANON)
		label.kind = judge_anon_kind(m->perms);
	if (label.kind == KIND_STACK && label.is_main)
		tid = main_thread(c->facts);
	return (struct verdict){ label.kind, BASIS_NAME, NO_MODULE, tid, 0 };
}

static struct verdict judge_anon(const struct classifier *c, const struct mapping *m)
{
	enum kind kind = judge_anon_kind(m->perms);

	/* Parts of the main stack whose access was changed are separate mappings without the name [stack]. */
	if (m->start >= c->stack_start && m->end <= c->stack_end)
		return (struct verdict){ kind == KIND_RESERVED ? KIND_GUARD : KIND_STACK, BASIS_PATTERN,
					 NO_MODULE, main_thread(c->facts), 0 };
	return (struct verdict){ kind, BASIS_PERMS, NO_MODULE, NO_TID, 0 };
}

struct verdict judge_mapping(const struct classifier *c, const struct mapping *m)
{
	switch (mapping_object(c->facts, m)->type) {
	case OBJECT_NONE:
		return judge_anon(c, m);
	case OBJECT_ZERO:
		return (struct verdict){ judge_anon_kind(m->perms), BASIS_NAME, NO_MODULE, NO_TID, 0 };
	case OBJECT_PSEUDO:
	case OBJECT_KERNEL:
		return judge_named(c, m);
	case OBJECT_SHM:
		return (struct verdict){ KIND_SHM, BASIS_NAME, NO_MODULE, NO_TID, 0 };
	case OBJECT_DEVICE:
		return (struct verdict){ KIND_DEVICE, BASIS_NAME, NO_MODULE, NO_TID, 0 };
	case OBJECT_FILE:
		break;
	}
	return judge_file(c, m);
}
