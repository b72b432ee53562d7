/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "heap/pointers.h"
#include "random.h"

#define WORD 8
#define PAGE 4096
#define LOW UINT64_C(0x555500000000)
#define HIGH UINT64_C(0x7fff00000000)
#define SIZE (UINT64_C(1) << 20) /* of each of two heaps */
#define N_WORDS (SIZE / WORD)

/* The contents of two heaps. One page of the second heap cannot be read. */
static uint64_t heaps[2][N_WORDS];
static const uint64_t starts[2] = { LOW, HIGH };
#define MISSING (HIGH + 5 * PAGE)

static struct block_index heap_index;
static struct heap_block blocks[2 * N_WORDS];
static size_t n_blocks;
static struct pointers pointers;
static struct page_set pages; /* not known at first: any page may exist */

static ssize_t read_memory(struct source *source _unused_, uint64_t addr, void *buf, size_t len)
{
	size_t heap = addr >= HIGH;
	uint64_t offset = addr - starts[heap];

	if (addr >= MISSING && addr < MISSING + PAGE)
		return -EIO;
	if (addr < MISSING && addr + len > MISSING)
		len = MISSING - addr;
	cr_assert(offset + len <= SIZE);
	memcpy(buf, (const char *)heaps[heap] + offset, len);
	return (ssize_t)len;
}

static const struct source_ops ops = { .read_memory = read_memory };
static struct source source = { .ops = &ops };

static uint64_t random_word(void)
{
	uint64_t heap = random_below(2);

	return random_below(4) == 0 ? starts[heap] + random_below(SIZE) : random_below(1000);
}

static void add_blocks(size_t heap)
{
	uint64_t at = starts[heap];
	uint64_t end = at + SIZE;

	while (at < end) {
		uint64_t wanted = random_below(50) == 0 ? 1 << 17 : 32 + 16 * random_below(20);
		uint64_t size = MIN(wanted, end - at);
		struct heap_block *block = &blocks[n_blocks++];

		*block = (struct heap_block){ .start = at, .end = at + size, .arena = (uint32_t)heap };
		block->state = random_below(3) == 0 ? BLOCK_FREE : BLOCK_USED;
		block_index_add(&heap_index, block);
		at += size;
	}
}

static void read_pointers(void)
{
	struct facts facts = { .page_size = PAGE, .word_size = WORD };
	struct scan scan;

	scan_init(&scan, &source, &facts, &pages);
	scan.low = LOW;
	scan.high = HIGH + SIZE;
	pointers_read(&pointers, &heap_index, &scan);
	scan_done(&scan);
}

static void set_up(void)
{
	block_index_init(&heap_index, WORD);
	for (size_t heap = 0; heap < 2; heap++) {
		for (size_t i = 0; i < N_WORDS; i++)
			heaps[heap][i] = random_word();
		add_blocks(heap);
	}
	block_index_settle(&heap_index);
	read_pointers();
}

static void tear_down(void)
{
	pointers_done(&pointers);
	block_index_done(&heap_index);
}

TestSuite(pointers, .init = set_up, .fini = tear_down);

static uint64_t next_place; /* all places given so far are below it */

static void take(void *context _unused_, uint64_t place, uint64_t addr)
{
	size_t heap = place >= HIGH;

	cr_assert(place >= next_place);
	/* The words skipped are not pointers. */
	for (; next_place < place; next_place += WORD)
		cr_assert(heaps[heap][(next_place - starts[heap]) / WORD] < LOW ||
			  (next_place >= MISSING && next_place < MISSING + PAGE));
	cr_assert(addr == heaps[heap][(place - starts[heap]) / WORD] / WORD * WORD);
	next_place = place + WORD;
}

static void take_any(void *context _unused_, uint64_t place, uint64_t addr _unused_)
{
	cr_assert(place >= next_place);
	next_place = place + WORD;
}

Test(pointers, gives_all_in_a_block)
{
	size_t n_used = 0;

	for (size_t i = 0; i < n_blocks; i++) {
		if (blocks[i].state != BLOCK_USED)
			continue;
		next_place = blocks[i].start;
		pointers_each(&pointers, blocks[i].start, blocks[i].end, take, NULL);
		n_used++;
	}
	cr_assert(n_used > 200);
}

Test(pointers, gives_those_in_a_part_of_a_block)
{
	for (size_t i = 0; i < n_blocks; i++)
		if (blocks[i].state == BLOCK_USED && blocks[i].end - blocks[i].start > PAGE) {
			next_place = blocks[i].start + 1000;
			pointers_each(&pointers, next_place, blocks[i].end - 1000, take, NULL);
			cr_assert(next_place <= blocks[i].end - 1000);
		}
}

Test(pointers, knows_what_it_could_not_read)
{
	uint64_t unread = pointers_unread(&pointers, MISSING, MISSING + PAGE);

	/* Only what lies in blocks in use counts. */
	cr_assert(unread <= PAGE);
	cr_assert(pointers_unread(&pointers, LOW, HIGH + SIZE) == unread);
	cr_assert(pointers_unread(&pointers, MISSING + 16, MISSING + PAGE - 16) >= unread - MIN(unread, 32));
	cr_assert(pointers_unread(&pointers, LOW, MISSING) == 0);
}

/* A heap may change so fast that the same memory is read as two different blocks. */
Test(pointers, takes_spans_that_overlap)
{
	struct heap_block first = { .start = LOW, .end = LOW + SIZE / 2 };
	struct heap_block second = { .start = LOW + SIZE / 4, .end = LOW + SIZE / 4 + 4096, .arena = 1 };

	pointers_done(&pointers);
	block_index_done(&heap_index);
	block_index_init(&heap_index, WORD);
	block_index_add(&heap_index, &first);
	for (; second.end <= LOW + SIZE; second.start += 4096, second.end += 4096)
		block_index_add(&heap_index, &second);
	block_index_settle(&heap_index);
	read_pointers();
	for (uint64_t at = LOW; at < LOW + SIZE; at += 4096) {
		next_place = at;
		pointers_each(&pointers, at, at + 4096, take_any, NULL);
	}
}

/* A block of terabytes, of which only one page exists. */
Test(pointers, takes_blocks_that_are_large)
{
	struct heap_block block = { .start = HIGH - (UINT64_C(1) << 45), .end = HIGH + SIZE };

	pointers_done(&pointers);
	block_index_done(&heap_index);
	block_index_init(&heap_index, WORD);
	block_index_add(&heap_index, &block);
	block_index_settle(&heap_index);
	pages = (struct page_set){ .runs = &(struct known_pages){ HIGH, HIGH + PAGE },
				   .n = 1,
				   .is_known = true };
	read_pointers();
	next_place = HIGH;
	pointers_each(&pointers, block.start, block.end, take, NULL);
	cr_assert(next_place > HIGH && next_place <= HIGH + PAGE);
}
