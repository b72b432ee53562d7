/* SPDX-License-Identifier: MIT */
#include "inspect/inspect.h"

#include <criterion/criterion.h>

#include "space.h"

static const struct file program = {
	.path = "/bin/p",
	.segments = {
		{ 0x0000, 0x0000, 0x0628, 0x0628, R_X },
		{ 0x1000, 0x1000, 0x0c00, 0x2000, RW_ },
	},
};

#define LOADING "10000-13000 r-xp 00005000 fe:00 7 /bin/p\n"
#define LOADED "10000-11000 r-xp 00000000 fe:00 7 /bin/p\n11000-13000 rw-p 00001000 fe:00 7 /bin/p\n"

/* A process that has loaded its program after n_early readings. */
struct loading {
	struct source source;
	unsigned n_early, n_read;
	bool changes;	 /* the map has changed by the time that it was judged, */
	unsigned n_same; /* or once it was checked this many times */
};

static int read_facts(struct source *source, const struct request *request _unused_, struct facts *facts,
		      struct error *err _unused_)
{
	struct loading *it = (struct loading *)source;
	struct space space;

	space_map(&space, it->n_read++ < it->n_early ? LOADING : LOADED);
	space_add_file(&space, &program);
	facts_done(facts);
	*facts = space.facts;
	return 0;
}

static bool loaded_files_changed(struct source *source, const struct facts *facts _unused_)
{
	struct loading *it = (struct loading *)source;

	if (it->n_same > 0)
		return --it->n_same == 0;
	return it->changes;
}

static const struct source_ops ops = { .read_facts = read_facts,
				       .loaded_files_changed = loaded_files_changed };

/* Whether the module is lost, and after how many readings. */
static void expect_of(struct loading loading, bool is_lost, unsigned n_read)
{
	struct request request = { .tid = NO_TID };
	struct space space;
	struct error err;

	cr_assert_eq(inspect(&loading.source, &request, &space, &err), 0);
	cr_expect_eq(notes_have(&space.answers.notes, "module-lost"), is_lost);
	cr_expect_eq(space.judgement.n_modules, is_lost ? 0 : 1);
	cr_expect_eq(loading.n_read, n_read, "%u readings", loading.n_read);
	space_done(&space);
}

static void expect(unsigned n_early, bool changes, bool is_lost, unsigned n_read)
{
	expect_of((struct loading){ .source = { .ops = &ops }, .n_early = n_early, .changes = changes },
		  is_lost, n_read);
}

Test(inspect, whole_program)
{
	expect(0, true, false, 1);
}

Test(inspect, program_that_is_being_loaded)
{
	expect(3, true, false, 4);
}

Test(inspect, program_that_stays_so)
{
	expect(9, false, true, 1);
}

Test(inspect, map_that_never_settles)
{
	expect(100, true, true, 9);
}

/* As when the process executes another program meanwhile: that must not allow for as many attempts again. */
Test(inspect, map_that_has_not_settled_before)
{
	expect_of((struct loading){ .source = { .ops = &ops, .n_attempts = 7 },
				    .n_early = 100,
				    .changes = true },
		  true, 2);
}

/* Only a running process can go on loading: neither a recording nor a held process changes. */
Test(inspect, loader_that_waits_for_a_processor)
{
	struct loading loading = { .source = { .ops = &ops, .is_native = true }, .n_early = 1, .n_same = 4 };

	expect_of(loading, false, 2);
	loading.source.is_held = true;
	expect_of(loading, true, 1);
	loading.source = (struct source){ .ops = &ops };
	expect_of(loading, true, 1);
}
