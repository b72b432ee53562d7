/* SPDX-License-Identifier: MIT */
#include "analysis/names.h"

#include <string.h>

#include "base/text.h"
#include "model/facts.h"

/* Prefixes of names; the first match counts. See get_vma_name() in the kernel's fs/proc/task_mmu.c. */
static const struct meaning {
	const char *prefix;
	enum kind kind;
	enum kind without_access; /* the kind of mappings that cannot be read, written or executed */
} meanings[] = {
	{ "[heap]", KIND_HEAP, KIND_GUARD },
	{ "[stack]", KIND_STACK, KIND_GUARD },
	{ "[stack:", KIND_STACK, KIND_GUARD }, /* with a thread ID: Linux 3.4 to 4.4 */

	/* glibc since 2.39, tunable glibc.mem.decorate_maps */
	{ "[anon: glibc: pthread stack: ", KIND_STACK, KIND_GUARD },
	{ "[anon: glibc: pthread user stack: ", KIND_STACK, KIND_GUARD },
	{ "[anon: glibc: unused stack", KIND_STACK, KIND_GUARD },
	{ "[anon: glibc: malloc", KIND_HEAP, KIND_RESERVED },
	{ "[anon: glibc: loader malloc", KIND_HEAP, KIND_RESERVED },
	/* Android */
	{ "[anon:stack_and_tls:", KIND_STACK, KIND_GUARD },
	{ "[anon:libc_malloc", KIND_HEAP, KIND_RESERVED },
	{ "[anon:scudo:", KIND_HEAP, KIND_RESERVED },
	{ "[anon:", KIND_ANON, KIND_RESERVED },
	{ "[anon_shmem:", KIND_SHM, KIND_SHM },

	{ "/memfd:", KIND_SHM, KIND_SHM },
	{ "/dev/zero", KIND_SHM, KIND_SHM },
	{ "/SYSV", KIND_SHM, KIND_SHM },
	{ "/secretmem", KIND_SHM, KIND_SHM },
	{ "/anon_hugepage", KIND_SHM, KIND_SHM },

	/* Rings and buffers that a process shares with the kernel or a driver. */
	{ "/[aio]", KIND_DEVICE, KIND_DEVICE },
	{ "anon_inode:", KIND_DEVICE, KIND_DEVICE },
	{ "socket:", KIND_DEVICE, KIND_DEVICE },

	{ "[vdso", KIND_VDSO, KIND_VDSO },
	{ "[vvar", KIND_VDSO, KIND_VDSO },
	{ "[vsyscall", KIND_VDSO, KIND_VDSO },
	{ "[uprobes", KIND_VDSO, KIND_VDSO },
	{ "[vectors", KIND_VDSO, KIND_VDSO }, /* ARM */
	{ "[sigpage", KIND_VDSO, KIND_VDSO },
	/* A name that is newer than this table. */
	{ "[", KIND_ANON, KIND_RESERVED },
	{ "", KIND_DEVICE, KIND_DEVICE },
};

static const struct meaning *find_meaning(const char *name, size_t len)
{
	const struct meaning *m = meanings;

	while (strncmp(name, m->prefix, MIN(len, strlen(m->prefix))) != 0 || len < strlen(m->prefix))
		m++;
	return m;
}

/* The thread in "[anon: glibc: pthread stack: 123]": the number after the last colon. */
static int32_t thread_in(const char *name, size_t len)
{
	const char *colon = memrchr(name, ':', len);
	int32_t tid = 0;

	for (const char *p = colon ? colon + 1 : name + len; p < name + len; p++) {
		if (*p >= '0' && *p <= '9' && tid < INT32_MAX / 10)
			tid = tid * 10 + (*p - '0');
		else if (*p != ' ' && *p != ']')
			return NO_TID;
	}
	return tid > 0 ? tid : NO_TID;
}

struct label find_name_meaning(const char *name, size_t len, unsigned perms)
{
	const struct meaning *m = find_meaning(name, len);
	struct label label = { .kind = m->kind, .tid = NO_TID };

	if (!has_access(perms))
		label.kind = m->without_access;
	else if (m->kind == KIND_SHM && (perms & PERM_X))
		label.kind = KIND_JIT;
	/* Private huge pages: this is a file in name only. */
	if (m->kind == KIND_SHM && strcmp(m->prefix, "/anon_hugepage") == 0 && !(perms & PERM_SHARED))
		label.kind = KIND_ANON;
	if (label.kind == KIND_STACK) {
		label.is_main = strcmp(m->prefix, "[stack]") == 0;
		label.tid = thread_in(name, len);
	}
	return label;
}
