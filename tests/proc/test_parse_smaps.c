/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/usage.h"
#include "proc/parse_smaps.h"
#include "random.h"

static struct facts facts;

static void set_up(void)
{
	facts_init(&facts);
	usage_init(&facts.usage, 0, true);
}

static void tear_down(void)
{
	facts_done(&facts);
}

TestSuite(parse_smaps, .init = set_up, .fini = tear_down);

static int read_smaps(const char *text, enum overlap overlap)
{
	struct smaps_parser *parser = smaps_parser_new(&facts, overlap);
	struct error err;
	size_t used;
	int r = smaps_parser_feed(parser, text, strlen(text), &used, &err);

	smaps_parser_free(parser);
	cr_assert_leq(used, strlen(text));
	return r;
}

static uint64_t get(size_t mapping, enum counter counter)
{
	return usage_counter(&facts.usage, usage_row(&facts.usage, mapping), counter);
}

/* wanted == NULL: the mapping has no flags. */
static void expect_flags(size_t mapping, const char *wanted)
{
	const char *its = usage_flags(&facts.usage, mapping);

	cr_expect(its && wanted ? strcmp(its, wanted) == 0 : its == wanted, "mapping %zu has %s", mapping,
		  its ? its : "none");
}

#define FIRST                                                       \
	"1000-3000 rw-p 00000000 00:00 0                  [heap]\n" \
	"Size:                  8 kB\n"                             \
	"KernelPageSize:        4 kB\n"                             \
	"Rss:                   8 kB\n"                             \
	"Pss:                   5 kB\n"                             \
	"Private_Hugetlb:    2048 kB\n"                             \
	"NewFigure:            16 kB\n"                             \
	"THPeligible:           1\n"                                \
	"VmFlags: rd wr mr ac zz \n"

Test(parse_smaps, counters)
{
	cr_assert_eq(read_smaps(FIRST, OVERLAP_REFUSE), 0);
	cr_assert_eq(facts.n_mappings, 1);
	cr_assert_eq(get(0, COUNTER_KERNELPAGESIZE), 4096);
	cr_assert_eq(get(0, COUNTER_PSS), 5 * 1024);
	cr_assert_eq(get(0, COUNTER_THPELIGIBLE), 1);
	cr_assert_eq(get(0, COUNTER_SWAP), UNKNOWN, "it was not there");
}

Test(parse_smaps, huge_pages_are_resident)
{
	cr_assert_eq(read_smaps(FIRST, OVERLAP_REFUSE), 0);
	cr_assert_eq(get(0, COUNTER_RSS), (8 + 2048) * 1024);
}

Test(parse_smaps, counters_of_later_kernels_are_kept)
{
	const struct usage_slot *last;

	cr_assert_eq(read_smaps(FIRST, OVERLAP_REFUSE), 0);
	last = &facts.usage.slots[facts.usage.n_slots - 1];
	cr_assert_str_eq(last->name, "newfigure");
	cr_assert_not(last->is_count);
	cr_assert_eq(usage_row(&facts.usage, 0)[facts.usage.n_slots - 1], 16 * 1024);
}

Test(parse_smaps, flags_in_words)
{
	cr_assert_eq(read_smaps(FIRST "3000-4000 r--p 0 0:0 0\n", OVERLAP_REFUSE), 0);
	cr_assert_str_eq(usage_flags(&facts.usage, 0), "read,write,may-read,accounted,zz");
	cr_assert_null(usage_flags(&facts.usage, 1));
}

Test(parse_smaps, records_need_not_be_alike)
{
	cr_assert_eq(read_smaps(FIRST "3000-4000 r--p 0 0:0 0\n"
				      "Pss: 1 kB\n"
				      "Another: 3\n"
				      "Rss: 2 kB\n"
				      "4000-5000 r--p 0 0:0 0\n"
				      "5000-6000 r--p 0 0:0 0\n"
				      "Rss: 3 kB\n"
				      "Another: 4\n",
				OVERLAP_REFUSE),
		     0);
	cr_assert_eq(facts.n_mappings, 4);
	cr_assert_eq(get(0, COUNTER_PSS), 5 * 1024);
	cr_assert_eq(get(1, COUNTER_PSS), 1024);
	cr_assert_eq(get(1, COUNTER_RSS), 2 * 1024);
	cr_assert_eq(get(2, COUNTER_RSS), UNKNOWN);
	cr_assert_eq(get(3, COUNTER_RSS), 3 * 1024);
	cr_assert_eq(get(3, COUNTER_PSS), UNKNOWN);
	cr_assert_eq(usage_row(&facts.usage, 0)[facts.usage.n_slots - 1], UNKNOWN);
	cr_assert_eq(usage_row(&facts.usage, 1)[facts.usage.n_slots - 1], 3);
	cr_assert_eq(usage_row(&facts.usage, 3)[facts.usage.n_slots - 1], 4);
}

/* The second record is read right whether or not it has the shape of the first. */
Test(parse_smaps, numbers_in_their_field)
{
	static const struct {
		const char *field;
		uint64_t kilobytes;
	} fields[] = {
		{ "       0", 0 },	  { "       7", 7 },	    { "      10", 10 },
		{ "12345678", 12345678 }, { "99999999", 99999999 }, { "00000012", 12 },
		{ "        ", UNKNOWN },  { "     1 2", UNKNOWN },  { "12      ", UNKNOWN },
		{ "     1x2", UNKNOWN },  { "      -1", UNKNOWN },  { "     1:2", UNKNOWN },
		{ "   \t  12", UNKNOWN }, { "  P   12", UNKNOWN },  { "123456789012", 123456789012 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		char text[512];

		snprintf(text, sizeof(text),
			 "%s5000-6000 r--p 0 0:0 0\nSize:%15d kB\nRss:            %s kB\n", FIRST, 4,
			 fields[i].field);
		cr_assert_eq(read_smaps(text, OVERLAP_REFUSE), 0);
		cr_expect_eq(get(1, COUNTER_KERNEL_RSS),
			     fields[i].kilobytes == UNKNOWN ? UNKNOWN : fields[i].kilobytes * 1024, "%s",
			     fields[i].field);
		tear_down();
		set_up();
	}
}

#define RECORD(range, size, rest)             \
	range " rw-p 00000000 00:00 0 \n"     \
	      "Size:           " size " kB\n" \
	      "Rss:                   8 kB\n" \
	      "Pss:                   5 kB\n" rest
#define SWAP_4 "Swap:                  4 kB\n"
#define SWAP_40 "Swap:                 40 kB\n"
#define LOCKED_4 "Locked:                4 kB\n"

/* A record equal to the one before has its counters; a nearly equal one does not. */
Test(parse_smaps, repeated_counters)
{
	/* clang-format off */
	static const char text[] =
		RECORD("1000-3000", "       8", SWAP_4 "VmFlags: rd wr \n")
		RECORD("3000-4000", "       4", SWAP_4 LOCKED_4)
		RECORD("4000-5000", "       4", SWAP_4)
		RECORD("5000-6000", "       4", SWAP_40 "VmFlags: rd \n")
		RECORD("6000-8000", "       8", SWAP_40 "VmFlags: rd wr \n")
		RECORD("8000-9000", "       4", SWAP_40)
		RECORD("9000-a000", "       4", "VmFlags: rd wr \n")
		RECORD("a000-b000", "       4", SWAP_4);
	/* clang-format on */
	static const uint64_t swap[] = { 4096, 4096, 4096, 40960, 40960, 40960, UNKNOWN, 4096 };
	static const char *const flags[] = { "read,write", NULL, NULL,	       "read",
					     "read,write", NULL, "read,write", NULL };

	cr_assert_eq(read_smaps(text, OVERLAP_REFUSE), 0);
	cr_assert_eq(facts.n_mappings, ARRAY_SIZE(swap));
	for (size_t i = 0; i < ARRAY_SIZE(swap); i++) {
		cr_expect_eq(get(i, COUNTER_RSS), 8 * 1024);
		cr_expect_eq(get(i, COUNTER_PSS), 5 * 1024);
		cr_expect_eq(get(i, COUNTER_SWAP), swap[i], "of mapping %zu", i);
		cr_expect_eq(get(i, COUNTER_LOCKED), i == 1 ? 4096 : UNKNOWN, "of mapping %zu", i);
		expect_flags(i, flags[i]);
	}
}

#define LATER_4 "Later:                 4 kB\n"
#define LATER_40 "Later:                40 kB\n"
#define READ "VmFlags: rd \n"
#define READ_WRITE "VmFlags: rd wr \n"
#define READ_EXEC "VmFlags: rd ex \n"

/* A record and what is read from it, whatever records came before it. */
struct said {
	const char *text;
	uint64_t swap, later;
	const char *flags;
};

static void expect_said(const struct said *said, size_t n)
{
	char text[4096] = "";
	size_t last;
	bool has_later;

	for (size_t i = 0; i < n; i++)
		strcat(text, said[i].text);
	cr_assert_eq(read_smaps(text, OVERLAP_REFUSE), 0);
	cr_assert_eq(facts.n_mappings, n);
	last = facts.usage.n_slots - 1;
	has_later = facts.usage.slots[last].name && strcmp(facts.usage.slots[last].name, "later") == 0;
	for (size_t i = 0; i < n; i++) {
		cr_expect_eq(get(i, COUNTER_RSS), 8 * 1024, "of mapping %zu", i);
		cr_expect_eq(get(i, COUNTER_PSS), 5 * 1024, "of mapping %zu", i);
		cr_expect_eq(get(i, COUNTER_SWAP), said[i].swap, "of mapping %zu", i);
		cr_expect_eq(has_later ? usage_row(&facts.usage, i)[last] : UNKNOWN, said[i].later,
			     "of mapping %zu", i);
		expect_flags(i, said[i].flags);
	}
}

/* Mappings with equal counters may still differ in their flags. */
Test(parse_smaps, flags_behind_repeated_counters)
{
	/* clang-format off */
	static const struct said said[] = {
		{ RECORD("1000-3000", "       8", SWAP_4 READ_WRITE), 4096, UNKNOWN, "read,write" },
		{ RECORD("3000-4000", "       4", SWAP_4 READ), 4096, UNKNOWN, "read" },
		{ RECORD("4000-5000", "       4", SWAP_4 READ_EXEC), 4096, UNKNOWN, "read,execute" },
		{ RECORD("5000-6000", "       4", SWAP_4), 4096, UNKNOWN, NULL },
		{ RECORD("6000-7000", "       4", SWAP_4 READ_WRITE), 4096, UNKNOWN, "read,write" },
		{ RECORD("7000-8000", "       4", SWAP_40 READ), 40960, UNKNOWN, "read" },
		{ RECORD("8000-9000", "       4", SWAP_4 READ_EXEC), 4096, UNKNOWN, "read,execute" },
		{ RECORD("9000-a000", "       4", SWAP_40 READ_WRITE), 40960, UNKNOWN, "read,write" },
	};
	/* clang-format on */

	expect_said(said, ARRAY_SIZE(said));
}

/* No kernel promises to write flags last: flags among repeated counters are not lost. */
Test(parse_smaps, flags_among_repeated_counters)
{
	/* clang-format off */
	static const struct said said[] = {
		{ RECORD("1000-3000", "       8", SWAP_4 READ_WRITE LATER_4), 4096, 4096, "read,write" },
		{ RECORD("3000-4000", "       4", SWAP_4 READ_WRITE LATER_4), 4096, 4096, "read,write" },
		{ RECORD("4000-5000", "       4", SWAP_4 READ_EXEC LATER_4), 4096, 4096, "read,execute" },
		{ RECORD("5000-6000", "       4", SWAP_4 READ_WRITE LATER_4), 4096, 4096, "read,write" },
		{ RECORD("6000-8000", "       8", SWAP_4 READ_WRITE LATER_40), 4096, 40960, "read,write" },
		{ RECORD("8000-9000", "       4", SWAP_40 READ_WRITE LATER_40), 40960, 40960, "read,write" },
		{ RECORD("9000-a000", "       4", SWAP_4 READ_WRITE LATER_40), 4096, 40960, "read,write" },
		{ RECORD("a000-b000", "       4", SWAP_4 READ_WRITE), 4096, UNKNOWN, "read,write" },
		{ RECORD("b000-c000", "       4", SWAP_4 READ_WRITE LATER_4), 4096, 4096, "read,write" },
		{ RECORD("c000-d000", "       4", SWAP_4 LATER_4), 4096, 4096, NULL },
		{ RECORD("d000-e000", "       4", SWAP_4 LATER_4 READ_WRITE), 4096, 4096, "read,write" },
		{ RECORD("e000-f000", "       4", SWAP_4 READ LATER_4), 4096, 4096, "read" },
	};
	/* clang-format on */

	expect_said(said, ARRAY_SIZE(said));
}

/* If the map changed while it was read, the row to be repeated may be gone. */
Test(parse_smaps, repeated_counters_of_a_changing_map)
{
	static const char text[] = RECORD("1000-3000", "       8", "")
		RECORD("3000-5000", "       8", "") "1000-6000 rw-p 00000000 00:00 0 \n"
						    "Rss:                  20 kB\n" RECORD("6000-7000",
											   "       4", "");

	cr_assert_eq(read_smaps(text, OVERLAP_SETTLE), 0);
	cr_assert_eq(facts.n_mappings, 2);
	cr_expect_eq(get(0, COUNTER_RSS), 20 * 1024);
	cr_expect_eq(get(0, COUNTER_PSS), UNKNOWN);
	cr_expect_eq(get(1, COUNTER_RSS), 8 * 1024);
	cr_expect_eq(get(1, COUNTER_PSS), 5 * 1024);
}

Test(parse_smaps, only_what_is_wanted)
{
	usage_done(&facts.usage);
	usage_init(&facts.usage, COUNTER_BIT(COUNTER_PSS), false);
	cr_assert_eq(read_smaps(FIRST, OVERLAP_REFUSE), 0);
	cr_assert_eq(facts.usage.n_slots, 1);
	cr_assert_eq(get(0, COUNTER_PSS), 5 * 1024);
	cr_assert_not(usage_has(&facts.usage, COUNTER_RSS));
}

Test(parse_smaps, pieces_end_anywhere)
{
	static const char text[] = FIRST "3000-4000 r--p 0 0:0 0\nRss: 2 kB\n";
	struct smaps_parser *parser = smaps_parser_new(&facts, OVERLAP_REFUSE);
	struct error err;
	size_t at = 0;

	for (size_t end = 1; end < sizeof(text); end++) {
		size_t used;

		cr_assert_eq(smaps_parser_feed(parser, text + at, end - at, &used, &err), 0);
		at += used;
	}
	smaps_parser_free(parser);
	cr_assert_eq(at, strlen(text));
	cr_assert_eq(facts.n_mappings, 2);
	cr_assert_eq(get(0, COUNTER_PSS), 5 * 1024);
	cr_assert_eq(get(1, COUNTER_RSS), 2 * 1024);
}

Test(parse_smaps, of_two_reports_the_newer_counts)
{
	static const char text[] = "1000-2000 rw-p 0 0:0 0\n"
				   "Rss: 4 kB\n"
				   "1000-3000 rw-p 0 0:0 0\n"
				   "Rss: 8 kB\n";

	cr_assert_eq(read_smaps(text, OVERLAP_SETTLE), 0);
	cr_assert_eq(facts.n_mappings, 1);
	cr_assert_eq(get(0, COUNTER_RSS), 8 * 1024);
}

Test(parse_smaps, what_is_no_smaps)
{
	cr_assert_eq(read_smaps("Rss: 4 kB\n", OVERLAP_REFUSE), -EBADMSG);
	cr_assert_eq(read_smaps("nonsense\n", OVERLAP_REFUSE), -EBADMSG);
	cr_assert_eq(read_smaps("1000-\n", OVERLAP_REFUSE), -EBADMSG);
}

/* ---- what the parser learns from the records before changes nothing ---- */

/* Feeds pieces of `piece` bytes to one parser. */
static int feed_in_pieces(struct facts *to, const char *text, enum overlap overlap, size_t piece)
{
	struct smaps_parser *parser = smaps_parser_new(to, overlap);
	size_t at = 0, stop = 0;
	int r = 0;

	while (r == 0 && stop < strlen(text)) {
		struct error err;
		size_t used;

		stop = MIN(stop + piece, strlen(text));
		r = smaps_parser_feed(parser, text + at, stop - at, &used, &err);
		at += used;
	}
	smaps_parser_free(parser);
	return r;
}

/* Feeds each record to a new parser. Records are separated by NULs. */
static int feed_apart(struct facts *to, const char *records, size_t len, enum overlap overlap)
{
	int r = 0;

	for (const char *p = records; r == 0 && p < records + len; p += strlen(p) + 1)
		r = feed_in_pieces(to, p, overlap, strlen(p));
	return r;
}

static bool same_mapping(const struct facts *a, const struct facts *b, size_t i)
{
	const struct mapping *x = &a->mappings[i];
	const struct mapping *y = &b->mappings[i];
	const char *its = usage_flags(&a->usage, i);
	const char *others = usage_flags(&b->usage, i);

	return x->start == y->start && x->end == y->end && x->object == y->object &&
	       memcmp(usage_row(&a->usage, i), usage_row(&b->usage, i),
		      a->usage.n_slots * sizeof(uint64_t)) == 0 &&
	       (its == others || (its && others && strcmp(its, others) == 0));
}

static void expect_same(const char *records, size_t len, enum overlap overlap, size_t piece)
{
	char *text = malloc(len + 1);
	struct facts apart;
	size_t n = 0;

	cr_assert_not_null(text);
	for (size_t i = 0; i < len; i++)
		if (records[i])
			text[n++] = records[i];
	text[n] = '\0';
	facts_init(&apart);
	usage_init(&apart.usage, 0, true);
	cr_assert_eq(feed_in_pieces(&facts, text, overlap, piece), feed_apart(&apart, records, len, overlap),
		     "%s", text);
	cr_assert_eq(facts.n_mappings, apart.n_mappings, "%s", text);
	cr_assert_eq(facts.usage.n_rows, apart.usage.n_rows, "%s", text);
	cr_assert_eq(facts.usage.n_slots, apart.usage.n_slots, "%s", text);
	for (size_t i = 0; i < facts.n_mappings; i++)
		cr_assert(same_mapping(&facts, &apart, i), "mapping %zu of\n%s", i, text);
	free(text);
	facts_done(&apart);
}

/* Few counters, so that records repeat; rarely a line that has another shape, is missing or is new. */
static void print_counters(FILE *file)
{
	static const char *const keys[] = { "KernelPageSize:", "Rss:",	     "Pss:",
					    "Swap:",	       "NewFigure:", "Locked:" };
	static const unsigned values[] = { 0, 0, 4, 12345678 };
	unsigned value = values[random_below(ARRAY_SIZE(values))];
	size_t flags_at = random_below(10) ? ARRAY_SIZE(keys) : random_below(ARRAY_SIZE(keys) + 1);

	for (size_t i = 0; i <= ARRAY_SIZE(keys); i++) {
		if (i == flags_at && random_below(20))
			fprintf(file, "VmFlags: rd %s \n", random_below(2) ? "wr" : "ex mr");
		if (i == ARRAY_SIZE(keys) || random_below(60) == 0)
			continue;
		if (random_below(60) == 0)
			fprintf(file, "Later%" PRIu64 ": 4 kB\n", random_below(3));
		fprintf(file, random_below(60) ? "%-16s%8u kB\n" : "%s %u\n", keys[i],
			random_below(20) ? value : (unsigned)random_below(100));
	}
}

static void print_records(FILE *file)
{
	uint64_t at = 0x7f0000000000;

	for (size_t n = random_below(30); n > 0; n--) {
		uint64_t end = at + 1 + random_below(0x3000);

		fprintf(file, "%08" PRIx64 "-%08" PRIx64 " rw-p 00000000 %s\n", at, end,
			random_below(3) ? "00:00 0 " : "fe:00 7    /a");
		if (random_below(40))
			fprintf(file, "Size:           %8" PRIu64 " kB\n", end - at);
		print_counters(file);
		fputc('\0', file);
		at = end + random_below(2);
		if (random_below(10) == 0)
			at -= random_below(0x4000);
	}
}

Test(parse_smaps, generated_records)
{
	for (size_t i = 0; i < 2000; i++) {
		char *records;
		size_t len;
		FILE *file = open_memstream(&records, &len);

		print_records(file);
		fclose(file);
		expect_same(records, len, i % 2 ? OVERLAP_REFUSE : OVERLAP_SETTLE, 1 + random_below(2000));
		free(records);
		tear_down();
		set_up();
	}
}
