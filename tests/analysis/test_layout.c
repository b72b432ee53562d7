/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/anon_use.h"
#include "analysis/layout.h"
#include "analysis/selection.h"
#include "base/mem.h"
#include "space.h"

static struct space space;
static struct strip strip;
static uint32_t *shown;

static const struct file program = {
	.path = "/bin/p",
	.segments = {
		{ 0x0000, 0x0000, 0x1000, 0x1000, R__ },
		{ 0x1000, 0x1000, 0x2000, 0x2000, R_X },
		{ 0x4000, 0x3000, 0x1000, 0x2000, RW_ },
	},
};

#define PROGRAM                                      \
	"10000-11000 r--p 00000000 fe:00 7 /bin/p\n" \
	"11000-13000 r-xp 00001000 fe:00 7 /bin/p\n" \
	"14000-15000 rw-p 00003000 fe:00 7 /bin/p\n" \
	"15000-16000 rw-p 00000000 00:00 0\n"

#define ROOMY            \
	{                \
		100, 200 \
	}
#define FULL         \
	{            \
		0, 0 \
	}

static void tear_down(void)
{
	layout_done(&strip);
	free(shown);
	space_done(&space);
}

TestSuite(layout, .fini = tear_down);

/* Adds a thread's stack with its guard. */
static void add_block(uint64_t start, uint64_t end, uint64_t guard)
{
	struct facts *facts = &space.facts;

	mem_grow(facts->blocks, facts->n_blocks, facts->cap_blocks);
	facts->blocks[facts->n_blocks++] = (struct stack_block){ start, end, guard, 102, false };
}

static void judge(const char *maps)
{
	space_map(&space, maps);
	if (strstr(maps, "---p"))
		add_block(0x10000, 0x18000, 0x1000);
	if (strstr(maps, program.path))
		space_add_file(&space, &program);
	if (strstr(maps, "/bin/q"))
		space_object(&space, "/bin/q")->headers = HEADERS_UNREADABLE;
	find_anon_uses(&space.facts, &space.judgement);
	space_classify(&space);
}

static void build(unsigned which, struct strip_budget budget)
{
	const struct selection selection = { .kinds = which };
	size_t n;

	shown = select_regions(&space, &selection, &n);
	layout_build(&strip, &space, shown, n, &budget);
}

static void put_band(FILE *file, const struct band *band)
{
	static const char *const types[] = { "gap", "module", "heap", "arena", "stack", "regions", "mixed" };

	fprintf(file, "%s%" PRIx64 "-%" PRIx64 " %s", band->depth ? " " : "", band->start, band->end,
		types[band->type]);
	if (band->type != BAND_GAP)
		fprintf(file, " %s", band->kind < N_KINDS ? kinds[band->kind].name : "*");
	fprintf(file, " %" PRIx64, band->size);
	if (band->reserved)
		fprintf(file, "+%" PRIx64, band->reserved);
	if (band->hidden)
		fprintf(file, " hidden %" PRIx64, band->hidden);
	if (band->n_folded > 1)
		fprintf(file, " of %u", band->n_folded);
	fputs(band->is_open ? " open\n" : "\n", file);
}

#define PROGRAM_BANDS                        \
	"10000-16000 module * 5000 open\n"   \
	" 10000-11000 regions rodata 1000\n" \
	" 11000-13000 regions text 2000\n"   \
	" 13000-14000 gap 1000\n"            \
	" 14000-15000 regions data 1000\n"   \
	" 15000-16000 regions bss 1000\n"

/* "START-END TYPE KIND SIZE+RESERVED", numbers in hexadecimal; the parts of a band are indented below it. */
static void expect(const char *bands)
{
	char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	for (size_t i = 0; i < strip.n; i++)
		put_band(file, &strip.bands[i]);
	fclose(file);
	cr_expect_str_eq(text, bands, "%s", text);
	free(text);
}

Test(layout, a_module_is_one_band_with_its_parts)
{
	judge(PROGRAM "20000-30000 rw-p 00000000 00:00 0 [heap]\n");
	build(0, (struct strip_budget)ROOMY);
	expect(PROGRAM_BANDS "16000-20000 gap a000\n"
			     "20000-30000 heap heap 10000\n");
	cr_expect(strip.bands[0].is_program);
	cr_expect_eq(strip.largest, 0x10000);
}

/* As for a map given as text, the lowest module is taken for the program. */
Test(layout, files_without_images_have_parts_as_well)
{
	judge("10000-11000 r--p 00000000 fe:00 8 /bin/q\n"
	      "11000-13000 r-xp 00001000 fe:00 8 /bin/q\n"
	      "30000-31000 r-xp 00000000 fe:00 9 /lib/l.so\n");
	build(0, (struct strip_budget)ROOMY);
	cr_assert_geq(strip.n, 2);
	cr_expect_eq(strip.bands[0].type, BAND_MODULE);
	cr_expect(strip.bands[0].is_program);
	cr_expect(!strip.bands[strip.n - 1].is_program);
}

Test(layout, what_is_not_shown_is_no_gap)
{
	judge(PROGRAM "20000-30000 rw-p 00000000 00:00 0 [heap]\n");
	build(1u << KIND_RODATA | 1u << KIND_HEAP, (struct strip_budget)ROOMY);
	expect("10000-11000 module rodata 1000\n"
	       "11000-20000 gap b000 hidden 4000\n"
	       "20000-30000 heap heap 10000\n");
}

Test(layout, a_stack_has_its_guard)
{
	judge("10000-11000 ---p 00000000 00:00 0\n"
	      "11000-18000 rw-p 00000000 00:00 0\n"
	      "18000-19000 rw-p 00000000 00:00 0\n"
	      "30000-38000 rw-p 00000000 00:00 0 [stack]\n");
	build(0, (struct strip_budget)ROOMY);
	expect("10000-18000 stack stack 7000+1000\n"
	       "18000-19000 regions anon 1000\n"
	       "19000-30000 gap 17000\n"
	       "30000-38000 stack stack 8000\n");
}

Test(layout, full_folds_nothing)
{
	judge("10000-11000 ---p 00000000 00:00 0\n"
	      "11000-18000 rw-p 00000000 00:00 0\n"
	      "20000-21000 r--s 00000000 fe:00 8 /a\n"
	      "21000-22000 r--s 00001000 fe:00 8 /a\n");
	build(0, (struct strip_budget)FULL);
	expect("10000-11000 regions guard 1000\n"
	       "11000-18000 stack stack 7000\n"
	       "18000-20000 gap 8000\n"
	       "20000-21000 regions file 1000\n"
	       "21000-22000 regions file 1000\n");
}

Test(layout, neighbours_of_one_kind_fold_first)
{
	judge("10000-11000 r--s 00000000 fe:00 8 /a\n"
	      "11000-12000 r--s 00000000 fe:00 9 /b\n"
	      "13000-14000 r--s 00000000 fe:00 10 /c\n"
	      "20000-30000 rw-p 00000000 00:00 0\n");
	build(0, (struct strip_budget){ 1, 100 });
	expect("10000-14000 regions file 3000 of 3\n"
	       "14000-20000 gap c000\n"
	       "20000-30000 regions anon 10000\n");
	cr_expect_eq(strip.bands[0].n_gaps, 1);
}

Test(layout, what_is_small_folds_then)
{
	judge(PROGRAM "20000-30000 rw-p 00000000 00:00 0 [heap]\n"
		      "50000-51000 r--s 00000000 fe:00 8 /a\n"
		      "51000-53000 rw-p 00000000 00:00 0\n"
		      "54000-55000 r--s 00000000 fe:00 9 /b\n"
		      "60000-90000 rw-p 00000000 00:00 0\n");
	build(0, (struct strip_budget){ 1, 9 });
	expect(PROGRAM_BANDS "16000-20000 gap a000\n"
			     "20000-30000 heap heap 10000\n"
			     "30000-50000 gap 20000\n"
			     "50000-55000 mixed * 4000 of 3\n"
			     "55000-60000 gap b000\n"
			     "60000-90000 regions anon 30000\n");
}

/* However small the budget, no landmark is folded, and folding comes to an end. */
Test(layout, landmarks_stay)
{
	judge(PROGRAM "20000-30000 rw-p 00000000 00:00 0 [heap]\n"
		      "50000-51000 r--s 00000000 fe:00 8 /a\n"
		      "70000-80000 rw-p 00000000 00:00 0 [stack]\n");
	build(0, (struct strip_budget){ 1, 1 });
	cr_expect_eq(strip.bands[strip.n - 1].type, BAND_STACK);
	cr_expect_eq(strip.bands[0].type, BAND_MODULE);
	cr_expect_eq(strip.bands[0].n_folded, 1);
}

Test(layout, the_heap_grows_up_and_the_stack_down)
{
	judge("20000-30000 rw-p 00000000 00:00 0 [heap]\n"
	      "50000-51000 r--s 00000000 fe:00 8 /a\n"
	      "70000-80000 rw-p 00000000 00:00 0 [stack]\n");
	space.facts.process.limits[LIMIT_STACK].max = 0x18000;
	build(0, (struct strip_budget)ROOMY);
	cr_assert_eq(strip.n, 5);
	cr_expect_eq(strip.bands[0].growth, GROWS_UP);
	cr_expect_eq(strip.bands[0].room, 0x20000);
	cr_expect_eq(strip.bands[0].room_limit, N_LIMITS);
	cr_expect_eq(strip.bands[4].growth, GROWS_DOWN);
	cr_expect_eq(strip.bands[4].room, 0x8000);
	cr_expect_eq(strip.bands[4].room_limit, LIMIT_STACK);
}

/* The sizes of all bands that are not parts of others add up to everything that is mapped. */
Test(layout, nothing_is_lost)
{
	uint64_t size = 0;

	judge(PROGRAM "20000-30000 rw-p 00000000 00:00 0 [heap]\n"
		      "30000-40000 ---s 00000000 00:00 0\n"
		      "50000-51000 r--s 00000000 fe:00 8 /a\n"
		      "51000-53000 rw-p 00000000 00:00 0\n"
		      "70000-80000 rw-p 00000000 00:00 0 [stack]\n");
	build(0, (struct strip_budget){ 1, 3 });
	for (size_t i = 0; i < strip.n; i++)
		if (strip.bands[i].type != BAND_GAP && strip.bands[i].depth == 0)
			size += strip.bands[i].size + strip.bands[i].reserved;
	cr_expect_eq(size, facts_size(&space.facts));
}

Test(layout, nothing_is_no_band)
{
	judge("");
	build(0, (struct strip_budget)ROOMY);
	cr_expect_eq(strip.n, 0);
}
