/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "analysis/names.h"
#include "model/facts.h"

#define NONE 0u
#define RW (PERM_R | PERM_W)
#define RWS (PERM_R | PERM_W | PERM_SHARED)
#define RX (PERM_R | PERM_X)

/* Names that were seen from kernels and runtimes. */
static const struct {
	const char *name;
	unsigned perms;
	enum kind kind;
	int32_t tid;
} names[] = {
	{ "[heap]", RW, KIND_HEAP, NO_TID },
	{ "[heap]", NONE, KIND_GUARD, NO_TID },
	{ "[stack]", RW, KIND_STACK, NO_TID },
	{ "[vdso]", RX, KIND_VDSO, NO_TID },
	{ "[vvar]", PERM_R, KIND_VDSO, NO_TID },
	{ "[vvar_vclock]", PERM_R, KIND_VDSO, NO_TID },
	{ "[vsyscall]", PERM_X, KIND_VDSO, NO_TID },
	{ "[uprobes]", PERM_X, KIND_VDSO, NO_TID },
	{ "[vectors]", RX, KIND_VDSO, NO_TID },
	{ "[sigpage]", RX, KIND_VDSO, NO_TID },
	{ "/memfd:a name (deleted)", RWS, KIND_SHM, NO_TID },
	{ "/memfd: (deleted)", RW, KIND_SHM, NO_TID },
	{ "/memfd:doublemapper (deleted)", RX | PERM_SHARED, KIND_JIT, NO_TID },
	{ "/dev/zero (deleted)", RWS, KIND_SHM, NO_TID },
	{ "/SYSV00000000 (deleted)", RWS, KIND_SHM, NO_TID },
	{ "/secretmem (deleted)", RWS, KIND_SHM, NO_TID },
	{ "/anon_hugepage (deleted)", RWS, KIND_SHM, NO_TID },
	{ "/anon_hugepage (deleted)", RW, KIND_ANON, NO_TID },
	{ "/[aio] (deleted)", RWS, KIND_DEVICE, NO_TID },
	{ "anon_inode:[perf_event]", RWS, KIND_DEVICE, NO_TID },
	{ "anon_inode:[io_uring]", RWS, KIND_DEVICE, NO_TID },
	{ "anon_inode:bpf-map", RWS, KIND_DEVICE, NO_TID },
	{ "socket:[1234]", RWS, KIND_DEVICE, NO_TID },
	{ "[anon:]", RW, KIND_ANON, NO_TID },
	{ "[anon:my name]", RW, KIND_ANON, NO_TID },
	{ "[anon: Go: heap]", RW, KIND_ANON, NO_TID },
	{ "[anon:v8]", RW, KIND_ANON, NO_TID },
	{ "[anon_shmem:my name]", RWS, KIND_SHM, NO_TID },
	{ "[anon:libc_malloc]", RW, KIND_HEAP, NO_TID },
	{ "[anon:stack_and_tls:17]", RW, KIND_STACK, 17 },
	{ "[anon: glibc: malloc]", RW, KIND_HEAP, NO_TID },
	{ "[anon: glibc: malloc arena]", RW, KIND_HEAP, NO_TID },
	{ "[anon: glibc: malloc arena]", NONE, KIND_RESERVED, NO_TID },
	{ "[anon: glibc: loader malloc]", RW, KIND_HEAP, NO_TID },
	{ "[anon: glibc: pthread stack: 4321]", RW, KIND_STACK, 4321 },
	{ "[anon: glibc: pthread stack: 4321]", NONE, KIND_GUARD, NO_TID },
	{ "[anon: glibc: pthread user stack: 4321]", RW, KIND_STACK, 4321 },
	{ "[anon: glibc: unused stack]", RW, KIND_STACK, NO_TID },
	{ "[anon: glibc: pthread stack: 99999999999]", RW, KIND_STACK, NO_TID },
	{ "[anon: glibc: pthread stack: x]", RW, KIND_STACK, NO_TID },
	{ "[anon: glibc: pthread stack: ]", RW, KIND_STACK, NO_TID },
};

Test(names, names)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct label label = find_name_meaning(names[i].name, strlen(names[i].name), names[i].perms);

		cr_expect_eq(label.kind, names[i].kind, "%s is %s, not %s", names[i].name,
			     kinds[names[i].kind].name, kinds[label.kind].name);
		cr_expect_eq(label.tid, names[i].tid, "%s: thread %d", names[i].name, label.tid);
	}
}

Test(names, only_one_stack_is_the_main_one)
{
	cr_assert(find_name_meaning("[stack]", strlen("[stack]"), RW).is_main);
	cr_assert_not(
		find_name_meaning("[anon: glibc: unused stack]", strlen("[anon: glibc: unused stack]"), RW)
			.is_main);
	cr_assert_not(find_name_meaning("[heap]", strlen("[heap]"), RW).is_main);
}
