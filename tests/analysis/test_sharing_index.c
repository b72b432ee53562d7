/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "analysis/sharing_index.h"
#include "base/mem.h"
#include "space.h"

/*
 * Three pages of a file, the last of them twice; a page of another file; the first page of the first file
 * without access; and memory without a file.
 */
#define MAP                                        \
	"10000-13000 rw-s 00000000 08:01 7 /one\n" \
	"20000-21000 r--s 00002000 08:01 7 /one\n" \
	"30000-31000 rw-s 00000000 08:01 8 /two\n" \
	"40000-41000 ---s 00000000 08:01 7 /one\n" \
	"50000-51000 rw-p 00000000 00:00 0\n"

enum { ONE, LAST_OF_ONE, TWO, NO_ACCESS, ANONYMOUS };

#define RWS (PERM_R | PERM_W | PERM_SHARED)
#define R_S (PERM_R | PERM_SHARED)

static struct space space;
static struct sharing_index sharing_index;
static struct sharing sharing;

static void set_up(void)
{
	space_map(&space, MAP);
	space_classify(&space);
	sharing = (struct sharing){ 0 };
	sharing_index_init(&sharing_index, &space);
}

static void tear_down(void)
{
	sharing_index_done(&sharing_index);
	sharing_done(&sharing);
	space_done(&space);
}

TestSuite(sharing_index, .init = set_up, .fini = tear_down);

static void add(uint32_t process, const char *name, uint64_t start, uint64_t end, unsigned perms)
{
	struct other_mapping mapping = {
		&space_object(&space, name)->index, 1, start, end, perms, ANSWER_NO
	};

	sharing_add_mappings(&sharing_index, &sharing, process, &mapping, 1, false);
}

static void add_process(int pid)
{
	mem_grow(sharing.processes, sharing.n_processes, sharing.cap_processes);
	sharing.processes[sharing.n_processes++] = (struct sharer){ .pid = pid };
}

/* "PROCESSw" or "PROCESSr" for each user. */
static void expect_users(uint32_t region, const char *expected)
{
	char text[64] = "";

	for (size_t i = 0; i < sharing.n_regions; i++)
		for (size_t k = 0; sharing.regions[i].region == region && k < sharing.regions[i].n_users; k++)
			sprintf(text + strlen(text), "%u%c ", sharing.regions[i].users[k].process,
				sharing.regions[i].users[k].writes ? 'w' : 'r');
	cr_expect_str_eq(text, expected, "region %u: %s", region, text);
}

Test(sharing_index, only_what_overlaps)
{
	add(0, "/one", 0, 0x1000, RWS);
	add(1, "/one", 0x2000, 0x3000, R_S);
	add(2, "/one", 0x3000, 0x9000, RWS);
	expect_users(ONE, "0w 1r ");
	expect_users(LAST_OF_ONE, "1r ");
	expect_users(TWO, "");
	expect_users(NO_ACCESS, "");
	cr_expect_eq(sharing.n_regions, 2);
}

Test(sharing_index, a_process_counts_once_and_writes_if_any_mapping_does)
{
	add(0, "/one", 0, 0x3000, R_S);
	add(0, "/one", 0x1000, 0x2000, RWS);
	add(1, "/one", 0, 0x3000, PERM_R | PERM_W); /* private: its own copies */
	expect_users(ONE, "0w 1r ");
	expect_users(LAST_OF_ONE, "0r 1r ");
}

Test(sharing_index, own_mappings_join_others)
{
	struct other_mapping own[] = {
		{ &space_object(&space, "/one")->index, 1, 0, 0x3000, RWS, ANSWER_NO },
		{ &space_object(&space, "/two")->index, 1, 0, 0x1000, RWS, ANSWER_NO },
	};

	add(0, "/one", 0x2000, 0x3000, R_S);
	sharing_add_mappings(&sharing_index, &sharing, 1, own, ARRAY_SIZE(own), true);
	expect_users(LAST_OF_ONE, "0r 1w ");
	expect_users(TWO, "");
}

Test(sharing_index, several_mappings_and_names_at_once)
{
	const uint32_t names[] = { space_object(&space, "/one")->index, space_object(&space, "/two")->index };
	struct other_mapping mappings[] = {
		{ names, 2, 0x2000, 0x3000, R_S, ANSWER_NO },
		{ names, 2, 0x4000, 0x5000, RWS, ANSWER_NO },
		{ names, 2, 0, 0x1000, R_S, ANSWER_NO },
	};

	sharing_add_mappings(&sharing_index, &sharing, 0, mappings, ARRAY_SIZE(mappings), false);
	expect_users(ONE, "0r ");
	expect_users(LAST_OF_ONE, "0r ");
	expect_users(TWO, "0r ");
	mappings[0] = (struct other_mapping){ names, 2, 0, 0x1000, R_S, ANSWER_NO };
	sharing_add_mappings(&sharing_index, &sharing, 1, mappings, 1, false);
	expect_users(ONE, "0r 1r ");
	expect_users(LAST_OF_ONE, "0r ");
	expect_users(TWO, "0r 1r ");
}

Test(sharing_index, may_write_is_known_if_one_mapping_tells)
{
	static const struct {
		enum answer first, second, expected;
	} cases[] = {
		{ ANSWER_NO, ANSWER_YES, ANSWER_YES },
		{ ANSWER_YES, ANSWER_UNKNOWN, ANSWER_YES },
		{ ANSWER_UNKNOWN, ANSWER_NO, ANSWER_UNKNOWN },
		{ ANSWER_NO, ANSWER_NO, ANSWER_NO },
	};

	for (uint32_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct region_user user = { i, false, cases[i].first };

		sharing_add_user(&sharing_index, &sharing, ANONYMOUS, &user);
		user.may_write = cases[i].second;
		sharing_add_user(&sharing_index, &sharing, ANONYMOUS, &user);
		cr_expect_eq(sharing.regions[0].users[i].may_write, cases[i].expected, "case %u", i);
	}
}

Test(sharing_index, settled_in_order)
{
	for (int pid = 30; pid > 0; pid -= 10)
		add_process(pid);
	add(0, "/two", 0, 0x1000, RWS);
	add(1, "/one", 0, 0x1000, R_S);
	add(2, "/two", 0, 0x1000, R_S);
	sharing_settle(&sharing);
	cr_expect_eq(sharing.regions[0].region, ONE);
	cr_expect_eq(sharing.regions[1].region, TWO);
	expect_users(TWO, "2r 0w ");
	cr_expect_eq(sharing.regions[0].inherited, UNKNOWN);
}
