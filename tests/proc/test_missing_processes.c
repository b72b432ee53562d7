/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>

#include "proc/missing_processes.h"

Test(missing_processes, lowest_are_named)
{
	static const int pids[] = { 70, 20, 90, 10, 30, 80 };
	struct missing_processes missing = { .n_all = 10 };
	struct notes notes = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		count_missing_process(&missing, pids[i], -EIO);
	count_missing_process(&missing, 1, -ESRCH);
	missing_add(&missing.silent, 5);
	note_missing_processes(&missing, "", &notes);
	cr_assert_eq(notes.n, 2);
	cr_expect_str_eq(notes.items[0].text,
			 "6 of 9 processes could not be read (PIDs 10, 20, 30 and 3 more)");
	cr_expect_str_eq(notes.items[1].text, "1 of 9 processes did not answer in time (PID 5)");
	cr_expect(is_note_of_missing(&notes.items[0]));
	notes_done(&notes);
}
