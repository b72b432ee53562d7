/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/match.h"
#include "base/mem.h"
#include "space.h"

static const struct file library = {
	.path = "/lib/l.so",
	.segments = {
		{ 0x0000, 0x0000, 0x1000, 0x1000, R_X },
		{ 0x1000, 0x1000, 0x0800, 0x2000, RW_ },
	},
};

static void make(struct space *space, const char *maps)
{
	space_map(space, maps);
	for (size_t i = 0; i < space->facts.n_objects; i++) {
		const char *name = space->facts.objects[i]->name;
		struct file file = library;

		if (!name || !strstr(name, ".so"))
			continue;
		file.path = name;
		space_add_file(space, &file);
	}
	space_classify(space);
}

/* One pair a line: the start addresses, or "-", and how it was found; then the regions that are gone. */
static void expect(const char *old_maps, const char *new_maps, const char *pairs)
{
	_cleanup_free_ char *text = NULL;
	struct space old, now;
	struct match match;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	make(&old, old_maps);
	make(&now, new_maps);
	match_spaces(&old, &now, &match);
	for (uint32_t i = 0; i < now.judgement.n_regions; i++) {
		uint32_t like = match.old_of[i];

		if (like == NO_REGION) {
			fprintf(file, "- %" PRIx64 "\n", now.judgement.regions[i].start);
			cr_expect_eq(match.how[i], MATCHED_NOT);
			continue;
		}
		cr_expect_eq(match.now_of[like], i);
		cr_expect_eq(old.judgement.regions[like].kind, now.judgement.regions[i].kind);
		fprintf(file, "%" PRIx64 " %" PRIx64 " %s\n", old.judgement.regions[like].start,
			now.judgement.regions[i].start, matched_names[match.how[i]]);
	}
	for (uint32_t i = 0; i < old.judgement.n_regions; i++)
		if (match.now_of[i] == NO_REGION)
			fprintf(file, "%" PRIx64 " -\n", old.judgement.regions[i].start);
	fclose(file);
	cr_expect_str_eq(text, pairs, "expected\n%sand not\n%s", pairs, text);
	match_done(&match);
	space_done(&now);
	space_done(&old);
}

#define STACK "7f0000000000-7f0000010000 rw-p 00000000 00:00 0 [stack]\n"
#define OTHER_STACK "7f1111100000-7f1111110000 rw-p 00000000 00:00 0 [stack]\n"
#define SAME_STACK "7f0000000000 7f0000000000 place\n"
#define STACK_BY_NAME "7f0000000000 7f1111100000 name\n"

Test(match, nothing_at_all)
{
	expect("", "", "");
	expect("", STACK, "- 7f0000000000\n");
	expect(STACK, "", "7f0000000000 -\n");
}

Test(match, memory_grows_at_either_end_or_at_both)
{
	expect("10000-20000 rw-p 00000000 00:00 0\n"
	       "40000-50000 rw-p 00000000 00:00 0\n"
	       "70000-80000 rw-p 00000000 00:00 0\n" STACK,
	       "10000-22000 rw-p 00000000 00:00 0\n"
	       "3e000-50000 rw-p 00000000 00:00 0\n"
	       "6e000-82000 rw-p 00000000 00:00 0\n" STACK,
	       "10000 10000 place\n40000 3e000 place\n70000 6e000 place\n" SAME_STACK);
}

Test(match, an_address_alone_says_nothing)
{
	expect("10000-20000 rw-p 00000000 00:00 0\n" STACK, "10000-20000 rwxp 00000000 00:00 0\n" STACK,
	       "- 10000\n" SAME_STACK "10000 -\n");
	expect("10000-20000 rw-p 00000000 00:00 0 [anon:a]\n" STACK,
	       "10000-30000 rw-p 00000000 00:00 0 [anon:b]\n" STACK, "- 10000\n" SAME_STACK "10000 -\n");
}

Test(match, what_was_moved_is_found_again)
{
	expect("10000-20000 rw-p 00000000 00:00 0\n" STACK, "60000-70000 rw-p 00000000 00:00 0\n" STACK,
	       "10000 60000 moved\n" SAME_STACK);
	/* Memory of another size may be anything. */
	expect("10000-20000 rw-p 00000000 00:00 0\n" STACK, "60000-80000 rw-p 00000000 00:00 0\n" STACK,
	       "- 60000\n" SAME_STACK "10000 -\n");
}

Test(match, addresses_of_another_run_do_not_count)
{
	/* Nameless memory was at the same address before, but with other neighbours. */
	expect("10000-20000 rw-p 00000000 00:00 0\n"
	       "20000-30000 rw-p 00000000 00:00 0 [heap]\n" STACK,
	       "10000-20000 rw-p 00000000 00:00 0\n"
	       "40000-50000 rw-p 00000000 00:00 0\n"
	       "50000-60000 rw-p 00000000 00:00 0 [heap]\n" OTHER_STACK,
	       "- 10000\n10000 40000 neighbour\n20000 50000 name\n" STACK_BY_NAME);
}

Test(match, modules_by_place_in_them)
{
	expect("10000-11000 r-xp 00000000 fe:00 7 /lib/l.so\n"
	       "11000-12000 rw-p 00001000 fe:00 7 /lib/l.so\n"
	       "12000-13000 rw-p 00000000 00:00 0\n" STACK,
	       "50000-51000 r-xp 00000000 fe:00 9 /lib/l.so\n"
	       "51000-52000 rw-p 00001000 fe:00 9 /lib/l.so\n"
	       "52000-53000 rw-p 00000000 00:00 0\n" OTHER_STACK,
	       "10000 50000 module\n11000 51000 module\n11800 51800 module\n12000 52000 module\n" STACK_BY_NAME);
}

#define MODULE(name, at)                                                    \
	at "0000-" at "1000 r-xp 00000000 fe:00 7 " name "\n" at "1000-" at \
	   "2000 rw-p 00001000 fe:00 7 " name "\n" at "2000-" at "3000 rw-p 00000000 00:00 0\n"

Test(match, a_module_of_another_version_or_place)
{
	expect(MODULE("/lib/l.so.72", "1") STACK, MODULE("/lib/l.so.74", "5") OTHER_STACK,
	       "10000 50000 folded\n11000 51000 folded\n11800 51800 folded\n12000 52000 folded\n" STACK_BY_NAME);
	expect(MODULE("/lib/l.so", "1") STACK, MODULE("/opt/new/l.so", "5") OTHER_STACK,
	       "10000 50000 renamed\n11000 51000 renamed\n11800 51800 renamed\n12000 52000 renamed\n" STACK_BY_NAME);
}

Test(match, names_that_differ_in_each_run)
{
	expect("10000-20000 rw-s 00000000 00:01 77 /memfd:ring-12 (deleted)\n"
	       "20000-30000 rw-p 00000000 fe:00 8 /tmp/#4711 (deleted)\n" STACK,
	       "50000-70000 rw-s 00000000 00:01 99 /memfd:ring-34 (deleted)\n"
	       "70000-80000 rw-p 00000000 fe:00 5 /tmp/#1147 (deleted)\n" OTHER_STACK,
	       "10000 50000 folded\n20000 70000 folded\n" STACK_BY_NAME);
}

Test(match, exact_names_come_before_folded_ones)
{
	expect("10000-20000 rw-p 00000000 00:00 0 [anon:pool 1]\n"
	       "30000-40000 rw-p 00000000 00:00 0 [anon:pool 2]\n" STACK,
	       "50000-60000 rw-p 00000000 00:00 0 [anon:pool 2]\n"
	       "70000-80000 rw-p 00000000 00:00 0 [anon:pool 3]\n" OTHER_STACK,
	       "30000 50000 name\n10000 70000 folded\n" STACK_BY_NAME);
}

Test(match, a_file_under_another_name)
{
	expect("10000-20000 r--p 00000000 fe:00 7 /data/old\n" STACK,
	       "50000-60000 r--p 00000000 fe:00 7 /archive/once\n" STACK, "10000 50000 renamed\n" SAME_STACK);
	expect("10000-20000 r--p 00000000 fe:00 7 /data/old\n" STACK,
	       "50000-60000 r--p 00000000 fe:00 8 /data/young\n" STACK, "10000 50000 renamed\n" SAME_STACK);
	expect("10000-20000 r--p 00000000 fe:00 7 /data/old\n" STACK,
	       "50000-60000 r--p 00000000 fe:00 8 /other/thing\n" STACK, "- 50000\n" SAME_STACK "10000 -\n");
}

Test(match, a_part_that_was_cut_out_is_new)
{
	expect("10000-40000 rw-p 00000000 00:00 0\n" STACK,
	       "10000-20000 rw-p 00000000 00:00 0\n"
	       "20000-30000 rwxp 00000000 00:00 0\n"
	       "30000-40000 rw-p 00000000 00:00 0\n" STACK,
	       "10000 10000 place\n- 20000\n- 30000\n" SAME_STACK);
}

static void name_threads(struct space *space, int32_t first_tid, const char *const *names, size_t n)
{
	space->facts.threads = mem_alloc(n * sizeof(*space->facts.threads));
	space->facts.n_threads = n;
	for (size_t i = 0; i < n; i++)
		space->facts.threads[i] = (struct thread){
			.tid = first_tid + (int32_t)i,
			.comm = mem_copy(names[i], strlen(names[i])),
			.comm_len = strlen(names[i]),
		};
	for (size_t i = 0; i < n; i++)
		space->judgement.regions[i].tid = first_tid + (int32_t)i;
}

Test(match, threads_by_their_names)
{
	static const char *const names[] = { "reader", "writer" };
	static const char *const others[] = { "writer", "reader" };
	struct space old, now;
	struct match match;

	make(&old, "10000-20000 rw-p 00000000 00:00 0\n30000-40000 rw-p 00000000 00:00 0\n" STACK);
	make(&now, "50000-60000 rw-p 00000000 00:00 0\n70000-80000 rw-p 00000000 00:00 0\n" OTHER_STACK);
	name_threads(&old, 100, names, 2);
	name_threads(&now, 200, others, 2);
	match_spaces(&old, &now, &match);
	cr_expect_eq(match.old_of[0], 1);
	cr_expect_eq(match.old_of[1], 0);
	cr_expect_eq(match.how[0], MATCHED_THREAD);
	match_done(&match);
	space_done(&now);
	space_done(&old);
}
