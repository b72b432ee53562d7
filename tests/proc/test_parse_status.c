/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "model/facts.h"
#include "proc/parse_status.h"

static const char stat_text[] =
	"42 (sleep) S 7 42 7 34816 42 4194304 103 0 0 0 0 0 0 0 20 0 3 0 987654 2600960 192 "
	"18446744073709551615 94000000000001 94000000000002 140000000000003 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 "
	"94000000000045 94000000000046 94000000000047 140000000000048 140000000000049 140000000000050 "
	"140000000000051 0\n";

Test(parse_status, stat)
{
	struct proc_stat stat;

	cr_assert(parse_stat(stat_text, strlen(stat_text), &stat));
	cr_assert_eq(stat.state, 'S');
	cr_assert_eq(stat.comm_len, strlen("sleep"));
	cr_assert_arr_eq(stat.comm, "sleep", stat.comm_len);
	cr_assert_eq(stat.field[STAT_PPID], 7);
	cr_assert_eq(stat.field[STAT_FLAGS], 4194304);
	cr_assert_eq(stat.field[STAT_NUM_THREADS], 3);
	cr_assert_eq(stat.field[STAT_STARTTIME], 987654);
	cr_assert_eq(stat.field[STAT_STARTCODE], 94000000000001);
	cr_assert_eq(stat.field[STAT_STARTSTACK], 140000000000003);
	cr_assert_eq(stat.field[STAT_START_DATA], 94000000000045);
	cr_assert_eq(stat.field[STAT_START_BRK], 94000000000047);
	cr_assert_eq(stat.field[STAT_ENV_END], 140000000000051);
}

Test(parse_status, a_command_is_any_text)
{
	static const char text[] = "42 (a) R 1 (b) Z) S 7 42\n";
	struct proc_stat stat;

	cr_assert(parse_stat(text, strlen(text), &stat));
	cr_assert_eq(stat.state, 'S');
	cr_assert_eq(stat.comm_len, strlen("a) R 1 (b) Z"));
	cr_assert_arr_eq(stat.comm, "a) R 1 (b) Z", stat.comm_len);
	cr_assert_eq(stat.field[STAT_PPID], 7);
}

Test(parse_status, a_command_is_cut_where_it_is_longer_than_the_kernel_has_them)
{
	char text[200] = "42 (";
	struct proc_stat stat;

	memset(text + 4, 'x', 100);
	memcpy(text + 104, ") S 7\n", 7);
	cr_assert(parse_stat(text, strlen(text), &stat));
	cr_assert_eq(stat.comm_len, STAT_COMM_MAX);
	cr_assert_eq(stat.field[STAT_PPID], 7);
}

Test(parse_status, what_stat_lacks_is_0)
{
	static const char text[] = "42 (a) S 7\n";
	struct proc_stat stat;

	cr_assert(parse_stat(text, strlen(text), &stat));
	cr_assert_eq(stat.field[STAT_START_BRK], 0);
}

Test(parse_status, what_is_no_stat)
{
	static const char *const texts[] = { "", "42", "42 a) S 1", "42 (a", "42 (a)", "42 (a) " };
	struct proc_stat stat;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		cr_assert_not(parse_stat(texts[i], strlen(texts[i]), &stat), "%s", texts[i]);
}

static const char status[] = "Name:\tVmRSS:\\n7 kB\n"
			     "State:\tS (sleeping)\n"
			     "VmSize:\t    2540 kB\n"
			     "VmSizeless:\t 1 kB\n"
			     "Threads:\t12\n"
			     "VmHuge:\t18446744073709551615 kB\n"
			     "CapPrm:\t000001ffffffffff\n"
			     "Empty:\n";

Test(parse_status, numbers)
{
	cr_assert_eq(parse_status_number(status, "VmSize"), 2540 * 1024);
	cr_assert_eq(parse_status_number(status, "Threads"), 12);
	cr_assert_eq(parse_status_number(status, "VmHuge"), UNKNOWN);
}

Test(parse_status, what_is_absent_is_unknown)
{
	cr_assert_eq(parse_status_number(status, "VmRSS"), UNKNOWN, "a command cannot fake a line");
	cr_assert_eq(parse_status_number(status, "Vm"), UNKNOWN);
	cr_assert_eq(parse_status_number(status, "State"), UNKNOWN);
	cr_assert_eq(parse_status_number("", "VmSize"), UNKNOWN);
}

/* A key with no value must not take that of the next line. */
Test(parse_status, a_value_stands_on_its_own_line)
{
	cr_assert_eq(parse_status_number("Empty:\n7\n", "Empty"), UNKNOWN);
}

Test(parse_status, hexadecimal)
{
	uint64_t caps;

	cr_assert(parse_status_hex(status, "CapPrm", &caps));
	cr_assert_eq(caps, 0x1ffffffffff);
	cr_assert_not(parse_status_hex(status, "CapEff", &caps));
}

Test(parse_status, the_number_in_the_innermost_namespace)
{
	cr_assert_eq(parse_status_inner_pid("Pid:\t812\nNSpid:\t812\t14\t3\nNSpgid:\t1\n"), 3);
	cr_assert_eq(parse_status_inner_pid("NSpid:\t812\nNSpgid:\t1\n"), 812);
	cr_assert_eq(parse_status_inner_pid("NSpid:\t812\t7"), 7);
	cr_assert_eq(parse_status_inner_pid("NSpid:\t812\tx\n"), UNKNOWN);
	cr_assert_eq(parse_status_inner_pid("NSpid:\n"), UNKNOWN);
	cr_assert_eq(parse_status_inner_pid("Pid:\t812\n"), UNKNOWN);
}

Test(parse_status, limits)
{
	static const char limits[] =
		"Limit                     Soft Limit           Hard Limit           Units     \n"
		"Max stack size            8388608              unlimited            bytes     \n"
		"Max address space         unlimited            unlimited            bytes     \n"
		"Max locked memory         0                    0                    bytes     \n";
	bool is_unlimited;

	cr_assert_eq(parse_limit(limits, "Max stack size", &is_unlimited), 8388608);
	cr_assert_not(is_unlimited);
	cr_assert_eq(parse_limit(limits, "Max address space", &is_unlimited), UNKNOWN);
	cr_assert(is_unlimited);
	cr_assert_eq(parse_limit(limits, "Max locked memory", &is_unlimited), 0);
	cr_assert_not(is_unlimited);
	cr_assert_eq(parse_limit(limits, "Max file size", &is_unlimited), UNKNOWN);
	cr_assert_not(is_unlimited);
}
