/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "proc/maps.h"

/* A line without its newline; what it gives is valid until the next one. */
static bool parse_line(const char *text, struct maps_line *ret)
{
	static char copy[1 << 16];
	size_t len = strlen(text);
	const char *end = copy + len + 1;
	const char *after;

	cr_assert_lt(len, sizeof(copy));
	memcpy(copy, text, len);
	copy[len] = '\n';
	after = parse_maps_line(copy, end, ret);
	cr_assert(!after || after == end);
	return after;
}

static struct maps_line parse(const char *text)
{
	struct maps_line line = { 0 };

	cr_assert(parse_line(text, &line), "%s", text);
	return line;
}

static void expect_name(const char *text, const char *name)
{
	struct maps_line line = parse(text);

	cr_assert_not_null(line.name);
	cr_assert_eq(line.name_len, strlen(name), "%s", text);
	cr_assert_eq(memcmp(line.name, name, line.name_len), 0, "%s", text);
}

Test(parse_maps, fields)
{
	struct maps_line line =
		parse("7f00000ff000-7f0000100000 r-xs 0001f000 fe:1a 18446744073709551615 /a");

	cr_assert_eq(line.start, 0x7f00000ff000);
	cr_assert_eq(line.end, 0x7f0000100000);
	cr_assert_eq(line.perms, PERM_R | PERM_X | PERM_SHARED);
	cr_assert_eq(line.offset, 0x1f000);
	cr_assert_eq(line.major, 0xfe);
	cr_assert_eq(line.minor, 0x1a);
	cr_assert_eq(line.inode, UINT64_MAX);
}

/* Where a mapping begins need not be read when it is where the one before it ends; nothing else may look so. */
Test(parse_maps, neighbours)
{
	static const char *const seconds[] = {
		"7f0000100000-7f0000200000 rw-p 00000000 00:00 0\n",
		"7f0000100001-7f0000200000 rw-p 00000000 00:00 0\n",
		"7f00001000000-7f00002000000 rw-p 000000000 00:00 0\n",
		"7f0000100000 7f0000200000 rw-p 00000000 00:00 0\n",
		"17f0000100000-17f0000200000 rw-p 00000001 00:00 0\n",
		"10000 rw-p 0-7f0000200000 rw-p 0 0:0 0\n",
		"10000-20000 rw-p 0 0:0 0\n",
	};
	static const char *const firsts[] = {
		"7f00000ff000-7f0000100000 rw-p 00000000 00:00 0\n",
		"7f00000ff000-7f00001000000 rw-p 00000000 00:00 0\n",
		"0-10000 rw-p 0 0:0 0\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(firsts); i++)
		for (size_t k = 0; k < ARRAY_SIZE(seconds); k++) {
			struct maps_line after = { 0 }, alone = { 0 };
			char text[256];
			const char *end, *second;

			snprintf(text, sizeof(text), "%s%s", firsts[i], seconds[k]);
			end = text + strlen(text);
			second = parse_maps_line(text, end, &after);
			cr_assert_eq(second, text + strlen(firsts[i]));
			cr_expect_eq(parse_maps_line(second, end, &after),
				     parse_maps_line(second, end, &alone), "%s", text);
			cr_expect(alone.end == 0 || (after.start == alone.start && after.end == alone.end &&
						     after.offset == alone.offset),
				  "%s", text);
		}
}

Test(parse_maps, widest_fields)
{
	struct maps_line line = parse("ffffffffff600000-ffffffffff601000 --xp fffffffffffff000 fff:fffff 0"
				      "                  [vsyscall]");

	cr_assert_eq(line.start, 0xffffffffff600000);
	cr_assert_eq(line.perms, PERM_X);
	cr_assert_eq(line.offset, 0xfffffffffffff000);
	cr_assert_eq(line.major, 0xfff);
	cr_assert_eq(line.minor, 0xfffff);
}

Test(parse_maps, lines_without_a_name_end_in_a_blank)
{
	cr_assert_null(parse("00400000-00401000 rw-p 00000000 00:00 0 ").name);
	cr_assert_null(parse("00400000-00401000 rw-p 00000000 00:00 0").name);
}

#define HEAD "00400000-00401000 rw-p 00000000 fe:00 7 "

Test(parse_maps, names_are_taken_as_they_are)
{
	expect_name(HEAD "                          /usr/bin/cat", "/usr/bin/cat");
	expect_name(HEAD "/tmp/ a b\tc  ", "/tmp/ a b\tc  ");
	expect_name(HEAD "/tmp/a\\012b", "/tmp/a\\012b");
	expect_name(HEAD "/tmp/\x1b[31m\xff", "/tmp/\x1b[31m\xff");
	expect_name(HEAD "/tmp/x (deleted) (deleted)", "/tmp/x (deleted) (deleted)");
	expect_name(HEAD "[anon:a b]", "[anon:a b]");
}

Test(parse_maps, names_have_no_limit)
{
	static char text[20000] = HEAD "/";

	memset(text + strlen(text), 'a', 12000);
	cr_assert_eq(parse(text).name_len, strlen(text) - strlen(HEAD));
}

Test(parse_maps, what_is_not_a_line)
{
	static const char *const lines[] = {
		"",
		"Size: 4 kB",
		"00400000",
		"00400000-00401000",
		"00400000-00401000 rw-p",
		"00400000-00401000 rw-p 00000000 00:00",
		"00400000-00401000 rw-p 00000000 00:00 ",
		"00400000-00401000 rw-p 00000000 00:00 x",
		"00400000-00401000 rwzp 00000000 00:00 0",
		"00400000-00401000 rw- 00000000 00:00 0",
		"00401000-00400000 rw-p 00000000 00:00 0",
		"00400000-00400000 rw-p 00000000 00:00 0",
		" 00400000-00401000 rw-p 00000000 00:00 0",
		"-00401000 rw-p 00000000 00:00 0",
		"10000000000000000-10000000000001000 rw-p 00000000 00:00 0",
		"00400000-00401000 rw-p 00000000 00:00 0/name",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct maps_line line = { 0 };

		cr_assert_not(parse_line(lines[i], &line), "%s", lines[i]);
	}
}

/* ---- whole maps ---- */

static int read_maps(struct facts *facts, const char *text, enum overlap overlap, size_t *used)
{
	struct error err;

	return parse_maps(facts, text, strlen(text), overlap, used, &err);
}

Test(parse_maps, half_a_line_waits_for_the_rest)
{
	struct facts facts;
	size_t used;

	facts_init(&facts);
	cr_assert_eq(read_maps(&facts, "1000-2000 rw-p 0 0:0 0\n2000-3000 rw", OVERLAP_REFUSE, &used), 0);
	cr_assert_eq(used, strlen("1000-2000 rw-p 0 0:0 0\n"));
	cr_assert_eq(facts.n_mappings, 1);
	cr_assert_eq(read_maps(&facts, "2000-3000 rw-p 0 0:0 0\n", OVERLAP_REFUSE, &used), 0);
	cr_assert_eq(facts.n_mappings, 2);
	facts_done(&facts);
}

Test(parse_maps, a_bad_line_is_an_error)
{
	struct facts facts;
	size_t used;

	facts_init(&facts);
	cr_assert_eq(read_maps(&facts, "1000-2000 rw-p 0 0:0 0\nnonsense\n", OVERLAP_REFUSE, &used),
		     -EBADMSG);
	facts_done(&facts);
}

/* What 6.18 was seen to print: a mapping, and again after it had merged with the next one. */
#define MERGED                     \
	"1000-2000 r--p 0 0:0 0\n" \
	"3000-4000 rw-p 0 0:0 0\n" \
	"3000-8000 rw-p 0 0:0 0\n"

Test(parse_maps, an_overlap_can_be_refused)
{
	struct facts facts;
	size_t used;

	facts_init(&facts);
	cr_assert_eq(read_maps(&facts, MERGED, OVERLAP_REFUSE, &used), -ESTALE);
	facts_done(&facts);
}

Test(parse_maps, of_two_reports_the_newer_counts)
{
	struct facts facts;
	size_t used;

	facts_init(&facts);
	cr_assert_eq(read_maps(&facts, MERGED "7000-9000 r-xp 0 0:0 0\n", OVERLAP_SETTLE, &used), 0);
	cr_assert_eq(facts.n_mappings, 3);
	cr_assert_eq(facts.mappings[1].start, 0x3000);
	cr_assert_eq(facts.mappings[1].end, 0x7000);
	cr_assert_eq(facts.mappings[2].start, 0x7000);
	cr_assert_eq(facts.mappings[2].end, 0x9000);
	facts_done(&facts);
}

Test(parse_maps, one_object_for_all_mappings_of_a_file)
{
	struct facts facts;
	size_t used;

	facts_init(&facts);
	cr_assert_eq(read_maps(&facts,
			       "1000-2000 r--p 0 fe:0 7 /a\n"
			       "2000-3000 r--p 0 fe:0 7 /b\n"
			       "3000-4000 r--p 0 fe:0 7 /a\n"
			       "4000-5000 r--p 0 fe:1 7 /a\n"
			       "5000-6000 r--p 0 fe:0 8 /a\n"
			       "6000-7000 rw-p 0 0:0 0\n",
			       OVERLAP_REFUSE, &used),
		     0);
	cr_assert_eq(facts.mappings[0].object, facts.mappings[2].object);
	cr_assert_neq(facts.mappings[0].object, facts.mappings[1].object);
	cr_assert_neq(facts.mappings[0].object, facts.mappings[3].object);
	cr_assert_neq(facts.mappings[0].object, facts.mappings[4].object);
	cr_assert_eq(facts.mappings[5].object, 0);
	facts_done(&facts);
}

/* Only where device and inode are zero is there no file: inode 0 is also that of a System V segment. */
Test(parse_maps, inode_0_is_a_number_like_any_other)
{
	struct facts facts;
	size_t used;

	facts_init(&facts);
	cr_assert_eq(read_maps(&facts,
			       "1000-2000 rw-s 0 0:1 0 /SYSV00000000 (deleted)\n"
			       "2000-3000 rw-s 0 0:1 0\n"
			       "3000-4000 rw-s 0 0:1 0 [name]\n"
			       "4000-5000 rw-p 0 0:0 0 [name]\n",
			       OVERLAP_REFUSE, &used),
		     0);
	for (size_t i = 0; i < 3; i++)
		cr_assert(has_file(mapping_object(&facts, &facts.mappings[i])), "%zu", i);
	cr_assert_eq(mapping_object(&facts, &facts.mappings[1])->type, OBJECT_FILE);
	cr_assert_neq(mapping_object(&facts, &facts.mappings[2])->type, OBJECT_LABEL);
	cr_assert_eq(mapping_object(&facts, &facts.mappings[3])->type, OBJECT_LABEL);
	facts_done(&facts);
}
