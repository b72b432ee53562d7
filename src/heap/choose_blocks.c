/* SPDX-License-Identifier: MIT */
#include "heap/choose_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/util.h"

#define STEPS_MAX (1u << 23) /* about 0.1 s */

/* About the blocks from one index on. */
struct rest {
	uint64_t least, most; /* sizes */
	uint64_t sum;
	bool has_overlap;
};

struct choice {
	struct possible_block **blocks; /* those that can still be chosen, sorted */
	struct rest *rests;
	size_t n;
	size_t *picks, *solution;
	size_t n_solutions;
	size_t n_steps;
};

static uint64_t size_of(const struct possible_block *block)
{
	return block->end - block->start;
}

static void sum_up(struct choice *choice)
{
	choice->rests[choice->n] = (struct rest){ .least = UINT64_MAX };
	for (size_t i = choice->n; i-- > 0;) {
		const struct rest *next = &choice->rests[i + 1];
		uint64_t size = size_of(choice->blocks[i]);

		choice->rests[i] = (struct rest){
			.least = MIN(next->least, size),
			.most = MAX(next->most, size),
			.sum = next->sum + size,
			.has_overlap =
				next->has_overlap ||
				(i + 1 < choice->n && choice->blocks[i + 1]->start < choice->blocks[i]->end),
		};
	}
}

static bool may_hold(const struct choice *choice, size_t from, size_t n, uint64_t bytes)
{
	const struct rest *rest = &choice->rests[from];
	uint64_t most;

	if (n == choice->n - from)
		return rest->sum == bytes && !rest->has_overlap;
	return n < choice->n - from && bytes / n >= rest->least &&
	       (__builtin_mul_overflow(rest->most, n, &most) || most >= bytes);
}

/* Looks for `n` more blocks from index `from` on that have `bytes` in total; stops at the second solution. */
static void pick(struct choice *choice, size_t n_picked, size_t from, size_t n, uint64_t bytes)
{
	if (n == 0 && bytes == 0 && choice->n_solutions++ == 0)
		memcpy(choice->solution, choice->picks, n_picked * sizeof(*choice->picks));
	if (n == 0)
		return;
	for (size_t i = from; choice->n_solutions < 2 && choice->n_steps < STEPS_MAX; i++) {
		const struct possible_block *block;
		size_t next = i + 1;

		choice->n_steps++;
		if (!may_hold(choice, i, n, bytes))
			return;
		block = choice->blocks[i];
		if (size_of(block) > bytes)
			continue;
		for (; next < choice->n && choice->blocks[next]->start < block->end; next++)
			choice->n_steps++;
		choice->picks[n_picked] = i;
		pick(choice, n_picked + 1, next, n - 1, bytes - size_of(block));
	}
}

enum result { NONE, ONE, SEVERAL };

static enum result choose(struct choice *choice, uint64_t n_wanted, uint64_t bytes)
{
	if (n_wanted > choice->n)
		return NONE;
	choice->n_steps = choice->n_solutions = 0;
	sum_up(choice);
	pick(choice, 0, 0, (size_t)n_wanted, bytes);
	if (choice->n_steps >= STEPS_MAX || choice->n_solutions > 1)
		return SEVERAL;
	for (size_t i = 0; choice->n_solutions == 1 && i < n_wanted; i++)
		choice->blocks[choice->solution[i]]->is_chosen = true;
	return choice->n_solutions == 1 ? ONE : NONE;
}

/* Takes the blocks that begin a mapping, and chooses the rest among those that do not overlap them. */
static enum result choose_rest(struct choice *choice, struct possible_block *blocks, size_t n,
			       uint64_t n_wanted, uint64_t bytes)
{
	uint64_t sure_end = 0;
	size_t next = 0; /* block that begins a mapping */

	choice->n = 0;
	for (size_t i = 0; i < n; i++) {
		while (next < n && (next <= i || !blocks[next].begins_mapping))
			next++;
		if (!blocks[i].begins_mapping) {
			if (blocks[i].start >= sure_end && (next == n || blocks[i].end <= blocks[next].start))
				choice->blocks[choice->n++] = &blocks[i];
			continue;
		}
		if (n_wanted == 0 || size_of(&blocks[i]) > bytes)
			return NONE;
		blocks[i].is_chosen = true;
		sure_end = blocks[i].end;
		n_wanted--;
		bytes -= size_of(&blocks[i]);
	}
	return choose(choice, n_wanted, bytes);
}

static void forget(struct possible_block *blocks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		blocks[i].is_chosen = false;
}

bool choose_blocks(struct possible_block *blocks, size_t n, uint64_t n_wanted, uint64_t bytes)
{
	struct choice choice = { 0 };
	enum result result;

	forget(blocks, n);
	if (n > CHOICE_MAX)
		return false;
	choice.blocks = mem_array(n + 1, sizeof(*choice.blocks));
	choice.rests = mem_array(n + 1, sizeof(*choice.rests));
	choice.picks = mem_array(n + 1, sizeof(*choice.picks));
	choice.solution = mem_array(n + 1, sizeof(*choice.solution));
	result = choose_rest(&choice, blocks, n, n_wanted, bytes);
	if (result == NONE) {
		forget(blocks, n);
		for (choice.n = 0; choice.n < n; choice.n++)
			choice.blocks[choice.n] = &blocks[choice.n];
		result = choose(&choice, n_wanted, bytes);
	}
	if (result != ONE)
		forget(blocks, n);
	free(choice.blocks);
	free(choice.rests);
	free(choice.picks);
	free(choice.solution);
	return result == ONE;
}
