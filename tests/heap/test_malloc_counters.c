/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "heap/malloc_counters.h"
#include "memory.h"
#include "space.h"

#define DATA 0x402000 /* where the C library's variables are */
#define ARENA 0x402800
#define HEAP 0x600000
#define TOP 0x600400
#define HEAP_END 0x621000
#define MIB 0x100000

struct words {
	int32_t n, limit, max_n, is_threshold_fixed;
	uint64_t bytes, max_bytes, sbrk_base, more;
};

static struct memory memory;
static struct space space;
static struct heap_memory heap;
static unsigned char data[2 * MEMORY_PAGE], contents[HEAP_END - HEAP];
static struct malloc_counters tally;
static struct malloc_count counted;

static const struct file program = {
	.path = "/bin/a",
	.segments = { { 0x400000, 0, 0x1000, 0x1000, R_X }, { DATA, 0x2000, 0x1000, 0x1800, RW_ } },
};

static void set_up(void)
{
	uint64_t top_size = HEAP_END - TOP + 1;

	space_map(&space, "400000-401000 r-xp 00000000 08:01 1 /bin/a\n"
			  "402000-403000 rw-p 00002000 08:01 1 /bin/a\n"
			  "403000-404000 rw-p 00000000 00:00 0\n"
			  "600000-621000 rw-p 00000000 00:00 0 [heap]\n");
	space_add_file(&space, &program);
	space.facts.word_size = 8;
	space_classify(&space);
	memset(data, 0, sizeof(data));
	memcpy(contents + (TOP + 8 - HEAP), &top_size, sizeof(top_size));
	memory_init(&memory);
	memory_add(&memory, DATA, data, sizeof(data));
	memory_add(&memory, HEAP, contents, sizeof(contents));
	heap_memory_init(&heap, &memory.source, &space.facts);
	tally = (struct malloc_counters){ 0 };
}

static void tear_down(void)
{
	heap_memory_done(&heap);
	memory_done(&memory);
	space_done(&space);
}

TestSuite(malloc_counters, .init = set_up, .fini = tear_down);

static void put(size_t at, struct words words)
{
	memcpy(data + at, &words, sizeof(words));
}

static bool find(uint64_t system)
{
	struct malloc_state state = { .address = ARENA, .top = TOP, .system = system };

	malloc_counters_find(&heap, &space, &state, &tally);
	return malloc_counters_read(&heap, &tally, &counted);
}

Test(malloc_counters, are_found)
{
	put(0x100, (struct words){ 3, 65536, 4, 0, 3 * MIB, 5 * MIB, HEAP, 0x40 });
	cr_assert(find(HEAP_END - HEAP));
	cr_assert_eq(counted.blocks, 3);
	cr_assert_eq(counted.bytes, 3 * MIB);
}

Test(malloc_counters, have_headers_too_many_as_in_glibc_2_43)
{
	put(0x100, (struct words){ 3, 65536, 4, 0, 3 * MIB + 16, 5 * MIB + 32, HEAP, 0x40 });
	cr_assert(find(HEAP_END - HEAP));
	cr_assert_eq(counted.blocks, 3);
	cr_assert_eq(counted.bytes, 3 * MIB);
}

Test(malloc_counters, count_no_block_whatever_is_left_of_bytes)
{
	put(0x100, (struct words){ 0, 65536, 4, 0, 48, 5 * MIB + 32, HEAP, 0x40 });
	cr_assert(find(HEAP_END - HEAP));
	cr_assert_eq(counted.blocks, 0);
	cr_assert_eq(counted.bytes, 0);
}

Test(malloc_counters, are_found_without_a_heap)
{
	put(0x100, (struct words){ 1, 65536, 1, 0, 3 * MIB + 16, 3 * MIB + 16, 0, 0x40 });
	cr_assert(find(0));
	cr_assert_eq(counted.blocks, 1);
}

Test(malloc_counters, are_found_without_a_heap_and_with_another_limit)
{
	put(0x100, (struct words){ 1, 100, 1, 1, 3 * MIB, 3 * MIB, 0, 0x40 });
	cr_assert(find(0));
	cr_assert_eq(counted.blocks, 1);
}

/* With one block of more pages than the limit, the counters fit one int earlier, too, where that int is 0. */
Test(malloc_counters, are_found_where_the_int_before_would_do_too)
{
	put(0x100, (struct words){ 1, 100, 1, 1, 3 * MIB, 3 * MIB, HEAP, 0x40 });
	cr_assert(find(HEAP_END - HEAP));
	cr_assert_eq(counted.blocks, 1);
}

Test(malloc_counters, begin_no_heap_in_variables)
{
	put(0x100, (struct words){ 3, 100, 4, 1, 3 * MIB, 5 * MIB, HEAP, 0x40 });
	put(0x200, (struct words){ 0, 2, 0, 1, 0, 0, 0x403000, 1 });
	put(0x300, (struct words){ 0, 2, 0, 1, 0, 0, 0x402f10, 1 });
	cr_assert(find(HEAP_END - HEAP));
	cr_assert_eq(counted.blocks, 3);
}

Test(malloc_counters, begin_the_heap_where_others_point_into_it)
{
	put(0x100, (struct words){ 3, 100, 4, 1, 3 * MIB, 5 * MIB, HEAP, 0x40 });
	put(0x200, (struct words){ 0, 2, 0, 1, 0, 0, HEAP + 0x310, 1 });
	cr_assert(find(HEAP_END - HEAP));
	cr_assert_eq(counted.blocks, 3);
}

Test(malloc_counters, are_missing_where_several_places_fit)
{
	put(0x100, (struct words){ 3, 65536, 4, 0, 3 * MIB, 5 * MIB, HEAP, 0x40 });
	put(0x200, (struct words){ 2, 65536, 4, 0, 3 * MIB, 5 * MIB, HEAP, 0x40 });
	cr_assert(!find(HEAP_END - HEAP));
}
