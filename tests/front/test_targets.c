/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "front/targets.h"
#include "proc/process_list.h"

static int select_one(const char *operand, int *ret_pid)
{
	struct target *targets = NULL;
	struct error err;
	size_t n = 0;
	int r = select_targets(operand, "/proc", ANY_USER, &targets, &n, &err);

	if (r < 0)
		return r;
	cr_assert_eq(n, 1);
	cr_assert_not(targets[0].is_found, "it was named by its number");
	*ret_pid = targets[0].fd < 0 ? targets[0].pid : -targets[0].fd;
	targets_free(targets, n);
	return 0;
}

Test(targets, a_number_is_a_process)
{
	int pid = 0;

	cr_assert_eq(select_one("1", &pid), 0);
	cr_assert_eq(pid, 1);
	cr_assert_eq(select_one("00042", &pid), 0);
	cr_assert_eq(pid, 42);
	cr_assert_eq(select_one("2147483647", &pid), 0);
	cr_assert_eq(pid, 2147483647);
}

Test(targets, numbers_that_no_process_has)
{
	int pid;

	cr_assert_eq(select_one("0", &pid), -ESRCH);
	cr_assert_eq(select_one("2147483648", &pid), -ESRCH);
	cr_assert_eq(select_one("99999999999999999999999", &pid), -ESRCH);
}

Test(targets, a_slash_is_a_file)
{
	int pid = 0;

	cr_assert_eq(select_one("/proc/self/exe", &pid), 0);
	cr_assert_lt(pid, 0, "no process, but a descriptor");
	cr_assert_eq(select_one("./1", &pid), -ENOENT);
	cr_assert_eq(select_one("/", &pid), -ENOEXEC);
	cr_assert_eq(select_one("-", &pid), 0);
	cr_assert_lt(pid, 0, "standard input");
}

Test(targets, users)
{
	struct error err;
	uint64_t uid;

	cr_assert_eq(select_user("root", &uid, &err), 0);
	cr_assert_eq(uid, 0);
	cr_assert_eq(select_user("4000000000", &uid, &err), 0);
	cr_assert_eq(uid, 4000000000);
	cr_assert_eq(select_user("", &uid, &err), -ENOENT);
	cr_assert_eq(select_user("-1", &uid, &err), -ENOENT);
	cr_assert_eq(select_user("4294967295", &uid, &err), -ENOENT, "that is no user");
	cr_assert_eq(select_user("no such user\x1b", &uid, &err), -ENOENT);
	cr_assert_str_eq(err.text, "unknown user 'no such user\x1b'");
}
