/* SPDX-License-Identifier: MIT */
#include "model/usage.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/digits.h"
#include "base/hash.h"
#include "base/mem.h"
#include "model/vmflags.h"

/* Slots that are made room for at a time, if there are rows already: each time copies them all. */
#define LATE_SLOTS 8

static void widen_rows(struct usage *usage, size_t stride)
{
	uint64_t *values = mem_realloc(usage->values, usage->cap_rows * stride, sizeof(*values));

	for (size_t i = usage->n_rows; i-- > 0;)
		memmove(values + i * stride, values + i * usage->stride, usage->n_slots * sizeof(*values));
	usage->values = values;
	usage->stride = stride;
}

static void add_slot(struct usage *usage, const struct usage_slot *slot)
{
	if (usage->n_rows == 0)
		usage->stride = usage->n_slots + 1;
	else if (usage->n_slots == usage->stride)
		widen_rows(usage, usage->stride + LATE_SLOTS);
	for (size_t i = 0; i < usage->n_rows; i++)
		usage_row(usage, i)[usage->n_slots] = UNKNOWN;
	mem_grow(usage->slots, usage->n_slots, usage->cap_slots);
	usage->slots[usage->n_slots++] = *slot;
	if (slot->counter < N_KERNEL_COUNTERS)
		usage->slot_of[slot->counter] = (uint8_t)usage->n_slots;
}

/*
 * Newer keys of smaps, for memory that older kernels do not have: if they are missing, a sum is
 * complete without them.
 */
#define LATE_KEYS                                                                     \
	(COUNTER_BIT(COUNTER_SHARED_HUGETLB) | COUNTER_BIT(COUNTER_PRIVATE_HUGETLB) | \
	 COUNTER_BIT(COUNTER_SHMEMPMDMAPPED) | COUNTER_BIT(COUNTER_FILEPMDMAPPED))

static uint64_t parts_of(enum counter counter)
{
	return counter < N_KERNEL_COUNTERS ? COUNTER_BIT(counter) : counters[counter].parts;
}

static uint64_t needed_parts(enum counter counter)
{
	uint64_t parts = parts_of(counter);

	return parts & ~LATE_KEYS ? parts & ~LATE_KEYS : parts;
}

/* Adds the slots of some counters to a sum. False if one has no slot. */
static bool add_parts(const struct usage *usage, uint64_t parts, struct usage_sum *sum)
{
	bool has_all = true;

	for (; parts; parts &= parts - 1) {
		int slot = usage_slot(usage, (enum counter)__builtin_ctzll(parts));

		if (slot >= 0)
			sum->slots[sum->n++] = (uint8_t)slot;
		else
			has_all = false;
	}
	return has_all;
}

static struct usage_sum plan_sum(const struct usage *usage, enum counter counter)
{
	uint64_t needed = needed_parts(counter);
	struct usage_sum sum = { 0 };

	sum.is_available = add_parts(usage, needed, &sum);
	sum.needed = sum.n;
	add_parts(usage, parts_of(counter) & ~needed, &sum);
	return sum;
}

void usage_init(struct usage *usage, uint64_t wanted, bool keeps_all)
{
	uint64_t sources = counter_sources(wanted);

	*usage = (struct usage){ .keeps_all = keeps_all, .keeps_flags = keeps_all };
	for (enum counter f = 0; f < N_KERNEL_COUNTERS; f++)
		if (keeps_all || (sources & COUNTER_BIT(f)))
			add_slot(usage,
				 &(struct usage_slot){ .counter = f, .is_count = counters[f].is_count });
	for (enum counter f = 0; f < N_COUNTERS; f++)
		usage->sums[f] = plan_sum(usage, f);
}

void usage_done(struct usage *usage)
{
	for (size_t i = 0; i < usage->n_slots; i++)
		free(usage->slots[i].name);
	for (size_t i = 0; i < usage->n_flags; i++) {
		free(usage->flags[i].codes);
		free(usage->flags[i].words);
	}
	free(usage->slots);
	free(usage->values);
	free(usage->flags);
	free(usage->flag_slots);
	free(usage->flags_of);
	*usage = (struct usage){ 0 };
}

int usage_slot(const struct usage *usage, enum counter counter)
{
	return usage->slot_of[counter] - 1;
}

#define SLOTS_MAX 128 /* the kernel has 23 keys */

static bool is_ours(const char *name)
{
	for (enum counter f = 0; f < N_COUNTERS; f++)
		if (counters[f].name && strcmp(counters[f].name, name) == 0)
			return true;
	return strcmp(name, "apportioned") == 0;
}

/* A key in lower case and fit for JSON, with a prefix if the name has another meaning here. */
static char *slot_name(const char *key, size_t len)
{
	static const char prefix[] = "smaps_";
	char *name = mem_alloc(sizeof(prefix) + len);
	char *p = stpcpy(name, prefix);

	for (size_t i = 0; i < len; i++)
		*p++ = is_digit(key[i]) ? key[i] : is_letter_or_digit(key[i]) ? (char)(key[i] | 0x20) : '_';
	if (!is_ours(name + strlen(prefix)))
		memmove(name, name + strlen(prefix), len + 1);
	return name;
}

int usage_unknown_slot(struct usage *usage, const char *key, size_t len, bool is_count)
{
	struct usage_slot slot = { .counter = N_KERNEL_COUNTERS, .is_count = is_count };

	slot.name = slot_name(key, len);
	for (size_t i = 0; i < usage->n_slots; i++)
		if (usage->slots[i].name && strcmp(usage->slots[i].name, slot.name) == 0) {
			free(slot.name);
			return (int)i;
		}
	/* Each slot makes the whole table wider. */
	if (usage->n_slots >= SLOTS_MAX) {
		free(slot.name);
		usage->is_overfull = true;
		return -1;
	}
	add_slot(usage, &slot);
	return (int)usage->n_slots - 1;
}

void usage_set_rows(struct usage *usage, size_t n)
{
	size_t stride = usage->stride;

	if (n > usage->cap_rows) {
		usage->cap_rows = MAX(n, usage->cap_rows * 2);
		usage->values = mem_enlarge(usage->values, usage->n_rows * stride * sizeof(*usage->values),
					    &usage->cap_rows, stride * sizeof(*usage->values));
	}
	for (size_t i = usage->n_rows * stride; i < n * stride; i++)
		usage->values[i] = UNKNOWN;
	usage->n_rows = n;
}

/* ---- flags ---- */

#define FLAGS_LEN_MAX 2048 /* the kernel has 64 flags at most, whose words have up to 20 letters */
#define FLAG_SLOTS_MIN 64  /* a power of two, as all numbers of slots are */

static bool has_codes(const struct vm_flags *flags, const char *codes, size_t len)
{
	return flags->len == len && memcmp(flags->codes, codes, len) == 0;
}

/* The slot of a combination, or else the one to put it into. */
static uint32_t *find_flag_slot(const struct usage *usage, const char *codes, size_t len)
{
	size_t i = (size_t)hash_secretly(usage->flag_seed, codes, len);

	for (;; i++) {
		uint32_t *slot = &usage->flag_slots[i & (usage->n_flag_slots - 1)];

		if (*slot == 0 || has_codes(&usage->flags[*slot - 1], codes, len))
			return slot;
	}
}

/* Which slots come out depends on the seed: who wrote the lines cannot make them slow to find. */
static void add_flag_slots(struct usage *usage)
{
	if (usage->n_flag_slots == 0 &&
	    getrandom(&usage->flag_seed, sizeof(usage->flag_seed), GRND_NONBLOCK) < 0)
		usage->flag_seed = (uintptr_t)usage;
	usage->n_flag_slots = MAX(2 * usage->n_flag_slots, (size_t)FLAG_SLOTS_MIN);
	free(usage->flag_slots);
	usage->flag_slots = mem_alloc(usage->n_flag_slots * sizeof(*usage->flag_slots));
	for (size_t i = 0; i < usage->n_flags; i++)
		*find_flag_slot(usage, usage->flags[i].codes, usage->flags[i].len) = (uint32_t)i + 1;
}

/* 1 + the index of a combination, which is added if it is new. */
static uint32_t number_flags(struct usage *usage, const char *codes, size_t len)
{
	uint32_t *slot;

	if (usage->n_flags >= usage->n_flag_slots / 2)
		add_flag_slots(usage);
	slot = find_flag_slot(usage, codes, len);
	if (*slot != 0)
		return *slot;
	mem_grow(usage->flags, usage->n_flags, usage->cap_flags);
	usage->flags[usage->n_flags++] = (struct vm_flags){
		.codes = mem_copy(codes, len),
		.len = len,
		.words = vmflags_words(codes, len),
	};
	return *slot = (uint32_t)usage->n_flags;
}

void usage_set_flags(struct usage *usage, size_t mapping, const char *codes, size_t len)
{
	if (len > FLAGS_LEN_MAX) {
		usage->is_overfull = true;
		return;
	}
	while (mapping >= usage->cap_flags_of) {
		size_t old = usage->cap_flags_of;

		mem_grow(usage->flags_of, usage->cap_flags_of, usage->cap_flags_of);
		memset(usage->flags_of + old, 0, (usage->cap_flags_of - old) * sizeof(*usage->flags_of));
	}
	usage->flags_of[mapping] = number_flags(usage, codes, len);
}

void usage_repeat(struct usage *usage, size_t from, size_t to)
{
	memcpy(usage_row(usage, to), usage_row(usage, from), usage->n_slots * sizeof(*usage->values));
}

static const struct vm_flags *find_flags(const struct usage *usage, size_t mapping)
{
	uint32_t i = mapping < usage->cap_flags_of ? usage->flags_of[mapping] : 0;

	return i ? &usage->flags[i - 1] : NULL;
}

bool usage_has_flag(const struct usage *usage, size_t mapping, const char *code)
{
	const struct vm_flags *flags = find_flags(usage, mapping);

	for (size_t at = 0; flags && at + 2 <= flags->len; at++)
		if (memcmp(flags->codes + at, code, 2) == 0 && (at == 0 || flags->codes[at - 1] == ' ') &&
		    (at + 2 == flags->len || flags->codes[at + 2] == ' '))
			return true;
	return false;
}

const char *usage_flags(const struct usage *usage, size_t mapping)
{
	const struct vm_flags *flags = find_flags(usage, mapping);

	return flags ? flags->words : NULL;
}
