/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "proc/parse_maps.h"
#include "random.h"

static struct facts facts;

static void set_up(void)
{
	facts_init(&facts);
}

static void tear_down(void)
{
	facts_done(&facts);
}

TestSuite(parse_maps, .init = set_up, .fini = tear_down);

/* Parses a line, given without its newline. Earlier mappings are dropped: it may lie below them. */
static int take(const char *text)
{
	static char copy[1 << 16];
	size_t len = strlen(text);
	const char *p = copy;
	struct maps_parser parser;
	int r;

	cr_assert_lt(len, sizeof(copy));
	memcpy(copy, text, len);
	copy[len] = '\n';
	facts_drop_mappings(&facts);
	maps_parser_init(&parser, &facts, OVERLAP_REFUSE);
	r = maps_parser_take(&parser, &p, copy + len + 1);
	cr_assert_eq(p, r == 0 ? copy + len + 1 : copy);
	return r;
}

static const struct object *take_object(const char *text)
{
	cr_assert_eq(take(text), 0, "%s", text);
	return mapping_object(&facts, &facts.mappings[0]);
}

static void expect_name(const char *text, const char *name)
{
	const struct object *object = take_object(text);

	cr_assert_not_null(object->name);
	cr_assert_eq(object->name_len, strlen(name), "%s", text);
	cr_assert_eq(memcmp(object->name, name, object->name_len), 0, "%s", text);
}

Test(parse_maps, fields)
{
	const struct object *object =
		take_object("7f00000ff000-7f0000100000 r-xs 0001f000 fe:1a 18446744073709551615 /a");

	cr_assert_eq(facts.mappings[0].start, 0x7f00000ff000);
	cr_assert_eq(facts.mappings[0].end, 0x7f0000100000);
	cr_assert_eq(facts.mappings[0].perms, PERM_R | PERM_X | PERM_SHARED);
	cr_assert_eq(facts.mappings[0].offset, 0x1f000);
	cr_assert_eq(object->major, 0xfe);
	cr_assert_eq(object->minor, 0x1a);
	cr_assert_eq(object->inode, UINT64_MAX);
}

Test(parse_maps, widest_fields)
{
	const struct object *object = take_object("ffffffffff600000-ffffffffff601000 --xp fffffffffffff000 "
						  "fff:fffff 0                  [vsyscall]");

	cr_assert_eq(facts.mappings[0].start, 0xffffffffff600000);
	cr_assert_eq(facts.mappings[0].perms, PERM_X);
	cr_assert_eq(facts.mappings[0].offset, 0xfffffffffffff000);
	cr_assert_eq(object->major, 0xfff);
	cr_assert_eq(object->minor, 0xfffff);
}

Test(parse_maps, lines_without_a_name_end_in_a_blank)
{
	cr_assert_null(take_object("00400000-00401000 rw-p 00000000 00:00 0 ")->name);
	cr_assert_null(take_object("00400000-00401000 rw-p 00000000 00:00 0")->name);
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
	cr_assert_eq(take_object(text)->name_len, strlen(text) - strlen(HEAD));
}

Test(parse_maps, names_longer_than_paths_have_newlines)
{
	static char text[20000] = HEAD "/";
	char *end = text + strlen(text);
	const struct object *object;

	for (size_t i = 0; i < 3000; i++)
		end = stpcpy(end, "\\012");
	object = take_object(text);
	cr_assert_eq(object->name_len, 3001);
	cr_assert_eq(strspn(object->name + 1, "\n"), 3000);
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
		"00400000-00401000 rw-p 00000000 fe:00 18446744073709551616 /name",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		cr_assert_eq(take(lines[i]), -EBADMSG, "%s", lines[i]);
}

/* ---- whole maps ---- */

static int read_maps(const char *text, enum overlap overlap)
{
	struct maps_parser parser;
	struct error err;
	size_t used;

	maps_parser_init(&parser, &facts, overlap);
	return maps_parser_feed(&parser, text, strlen(text), &used, &err);
}

Test(parse_maps, half_a_line_waits_for_the_rest)
{
	static const char text[] = "1000-2000 rw-p 0 0:0 0\n2000-3000 rw-p 0 0:0 0\n";
	struct maps_parser parser;
	struct error err;
	size_t used;

	maps_parser_init(&parser, &facts, OVERLAP_REFUSE);
	cr_assert_eq(maps_parser_feed(&parser, text, strlen(text) - 12, &used, &err), 0);
	cr_assert_eq(used, strlen("1000-2000 rw-p 0 0:0 0\n"));
	cr_assert_eq(facts.n_mappings, 1);
	cr_assert_eq(maps_parser_feed(&parser, text + used, strlen(text) - used, &used, &err), 0);
	cr_assert_eq(facts.n_mappings, 2);
}

Test(parse_maps, a_bad_line_is_an_error)
{
	cr_assert_eq(read_maps("1000-2000 rw-p 0 0:0 0\nnonsense\n", OVERLAP_REFUSE), -EBADMSG);
}

/* Linux 6.18 has printed this: a mapping, and again after it had merged with the next one. */
#define MERGED                     \
	"1000-2000 r--p 0 0:0 0\n" \
	"3000-4000 rw-p 0 0:0 0\n" \
	"3000-8000 rw-p 0 0:0 0\n"

Test(parse_maps, an_overlap_can_be_refused)
{
	cr_assert_eq(read_maps(MERGED, OVERLAP_REFUSE), -ESTALE);
}

Test(parse_maps, of_two_reports_the_newer_counts)
{
	cr_assert_eq(read_maps(MERGED "7000-9000 r-xp 0 0:0 0\n", OVERLAP_SETTLE), 0);
	cr_assert_eq(facts.n_mappings, 3);
	cr_assert_eq(facts.mappings[1].start, 0x3000);
	cr_assert_eq(facts.mappings[1].end, 0x7000);
	cr_assert_eq(facts.mappings[2].start, 0x7000);
	cr_assert_eq(facts.mappings[2].end, 0x9000);
}

Test(parse_maps, one_object_for_all_mappings_of_a_file)
{
	cr_assert_eq(read_maps("1000-2000 r--p 0 fe:0 7 /a\n"
			       "2000-3000 r--p 0 fe:0 7 /b\n"
			       "3000-4000 r--p 0 fe:0 7 /a\n"
			       "4000-5000 r--p 0 fe:1 7 /a\n"
			       "5000-6000 r--p 0 fe:0 8 /a\n"
			       "6000-7000 rw-p 0 0:0 0\n",
			       OVERLAP_REFUSE),
		     0);
	cr_assert_eq(facts.mappings[0].object, facts.mappings[2].object);
	cr_assert_neq(facts.mappings[0].object, facts.mappings[1].object);
	cr_assert_neq(facts.mappings[0].object, facts.mappings[3].object);
	cr_assert_neq(facts.mappings[0].object, facts.mappings[4].object);
	cr_assert_eq(facts.mappings[5].object, 0);
}

/* There is no file only if device and inode are both 0: a System V segment also has inode 0. */
Test(parse_maps, inode_0_is_a_number_like_any_other)
{
	cr_assert_eq(read_maps("1000-2000 rw-s 0 0:1 0 /SYSV00000000 (deleted)\n"
			       "2000-3000 rw-s 0 0:1 0\n"
			       "3000-4000 rw-s 0 0:1 0 [name]\n"
			       "4000-5000 rw-p 0 0:0 0 [name]\n",
			       OVERLAP_REFUSE),
		     0);
	for (size_t i = 0; i < 3; i++)
		cr_assert(has_file(mapping_object(&facts, &facts.mappings[i])), "%zu", i);
	cr_assert_eq(mapping_object(&facts, &facts.mappings[1])->type, OBJECT_FILE);
	cr_assert_neq(mapping_object(&facts, &facts.mappings[2])->type, OBJECT_PSEUDO);
	cr_assert_eq(mapping_object(&facts, &facts.mappings[3])->type, OBJECT_PSEUDO);
}

/* ---- what the parser keeps of the line before changes nothing ---- */

static bool same_mapping(const struct facts *a, const struct facts *b, size_t i)
{
	const struct mapping *x = &a->mappings[i];
	const struct mapping *y = &b->mappings[i];

	/* Objects have the same numbers, as both saw the same lines in the same order. */
	return x->start == y->start && x->end == y->end && x->offset == y->offset && x->perms == y->perms &&
	       x->object == y->object;
}

/* Compares one parser, fed pieces of `piece` bytes, with a new parser for each line. */
static void expect_same(const char *text, enum overlap overlap, size_t piece)
{
	const char *end = text + strlen(text);
	const char *p = text;
	struct maps_parser parser;
	struct facts apart;
	int kept = 0, alone = 0;

	tear_down();
	set_up();
	facts_init(&apart);
	maps_parser_init(&parser, &facts, overlap);
	for (size_t at = 0, stop = 0; kept == 0 && stop < strlen(text);) {
		struct error err;
		size_t used;

		stop = MIN(stop + piece, strlen(text));
		kept = maps_parser_feed(&parser, text + at, stop - at, &used, &err);
		at += used;
	}
	while (alone == 0 && p < end) {
		maps_parser_init(&parser, &apart, overlap);
		alone = maps_parser_take(&parser, &p, end);
	}
	cr_assert_eq(kept, alone, "%s", text);
	cr_assert_eq(facts.n_mappings, apart.n_mappings, "%s", text);
	for (size_t i = 0; i < facts.n_mappings; i++)
		cr_assert(same_mapping(&facts, &apart, i), "mapping %zu of\n%s", i, text);
	facts_done(&apart);
}

/* A start that equals the end of the mapping before it is not parsed: no other text may pass for it. */
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
			char text[256];

			snprintf(text, sizeof(text), "%s%s", firsts[i], seconds[k]);
			expect_same(text, OVERLAP_REFUSE, sizeof(text));
			expect_same(text, OVERLAP_SETTLE, 1);
		}
}

/* Most lines continue where the last one ended; addresses have about the length that is kept. */
static void print_map(FILE *file)
{
	static const uint64_t bases[] = { 0x1000, 0xfffff000, 0xffffffff000, 0x7f0000000000,
					  0xffffffffff000 };
	static const char *const tails[] = { "00:00 0", "00:00 0 ", "fe:00 7      /a", "fe:00 7 /b",
					     "00:00 0  [heap]" };
	uint64_t at = bases[random_below(ARRAY_SIZE(bases))];

	for (size_t n = random_below(30); n > 0; n--) {
		uint64_t end = at + 1 + random_below(0x3000);

		fprintf(file,
			random_below(8) ? "%08" PRIx64 "-%08" PRIx64 " %s %08" PRIx64 " %s\n" :
					  "%" PRIx64 "-%" PRIx64 " %s %" PRIx64 " %s\n",
			at, end, perms_text((unsigned)random_below(16)), random_below(4) << 12,
			tails[random_below(ARRAY_SIZE(tails))]);
		at = end;
		if (random_below(4) == 0)
			at += random_below(0x2000);
		if (random_below(10) == 0)
			at -= MIN(at - 1, random_below(0x4000));
	}
	if (random_below(20) == 0)
		fputs("nonsense\n", file);
}

Test(parse_maps, generated_maps)
{
	for (size_t i = 0; i < 3000; i++) {
		_cleanup_free_ char *text = NULL;
		size_t len;
		FILE *file = open_memstream(&text, &len);

		print_map(file);
		fclose(file);
		if (len > 1 && random_below(4) == 0)
			text[random_below(len - 1)] = "0123456789abcdef- \n"[random_below(19)];
		expect_same(text, OVERLAP_REFUSE, 1 + random_below(400));
		expect_same(text, OVERLAP_SETTLE, 1 + random_below(400));
	}
}
