/* SPDX-License-Identifier: MIT */
/*
 * Counters by mapping: a table with a row for each. Only the counters that were asked for have a
 * slot in it, so that sixty thousand mappings cost no more than they must.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "model/counter.h"

struct usage_slot {
	enum counter counter; /* N_KERNEL_COUNTERS: a key of smaps that this version does not know */
	char *name;	      /* the key if it is not known, in lower case; else NULL */
	bool is_count;
};

/* How a counter is computed from the slots of a row. */
struct usage_sum {
	bool is_available; /* everything that it needs has a slot */
	uint8_t n;	   /* slots to add up */
	uint8_t needed;	   /* how many of them, from the first, must be known */
	uint8_t slots[3];
};

struct vm_flags {
	char *codes; /* "rd ex mr", as in smaps */
	size_t len;  /* of codes */
	char *words; /* "read,execute,may-read" */
};

struct usage {
	struct usage_slot *slots;
	size_t n_slots, cap_slots;
	uint8_t slot_of[N_KERNEL_COUNTERS]; /* 1 + the slot of each counter; 0: it has none */
	struct usage_sum sums[N_COUNTERS];
	uint64_t *values; /* rows of n_slots, `stride` apart */
	size_t stride;
	size_t n_rows, cap_rows;
	bool is_overfull;	/* some keys or flags were left out: no kernel has that many */
	bool is_missing;	/* counters were asked for, but could not be read */
	bool keeps_all;		/* unknown keys get a slot as well */
	bool keeps_flags;	/* VmFlags are kept; always set with keeps_all */
	struct vm_flags *flags; /* each combination once, with keeps_flags */
	size_t n_flags, cap_flags;
	uint32_t *flag_slots; /* the combinations by hash: 1 + index into flags, or 0 */
	size_t n_flag_slots;
	uint64_t flag_seed;
	uint32_t *flags_of; /* by mapping: 1 + index into flags, or 0 */
	size_t cap_flags_of;
};

/*
 * `wanted`: COUNTER_BIT()s of the counters to keep, derived ones included. `keeps_all`: keep all
 * that smaps has, known or not, and the flags.
 */
void usage_init(struct usage *usage, uint64_t wanted, bool keeps_all);
void usage_done(struct usage *usage);

/* Whether a counter has all the slots that it needs. */
static inline bool usage_has(const struct usage *usage, enum counter counter)
{
	return usage->sums[counter].is_available;
}

/* The slot of a kernel counter, or -1. */
int usage_slot(const struct usage *usage, enum counter counter);

/*
 * The slot of an smaps key that this version does not know, added if it is new; -1, with
 * is_overfull set, if there are more of these than any kernel has.
 */
int usage_unknown_slot(struct usage *usage, const char *key, size_t len, bool is_count);

/* Makes the table `n` rows long; new rows are all UNKNOWN. */
void usage_set_rows(struct usage *usage, size_t n);

static inline uint64_t *usage_row(const struct usage *usage, size_t row)
{
	return usage->values + row * usage->stride;
}

/*
 * A counter from n_slots values, with derived ones added up; UNKNOWN if a part that it needs was not read.
 */
static inline uint64_t usage_counter(const struct usage *usage, const uint64_t *values, enum counter counter)
{
	const struct usage_sum *sum = &usage->sums[counter];
	uint64_t total = 0;

	for (size_t i = 0; i < sum->n; i++) {
		uint64_t value = values[sum->slots[i]];

		if (value != UNKNOWN)
			total = known_sum(total, value);
		else if (i < sum->needed)
			return UNKNOWN;
	}
	return sum->is_available ? total : UNKNOWN;
}

/* Stores the VmFlags line of mapping `mapping`, the last one so far. */
void usage_set_flags(struct usage *usage, size_t mapping, const char *flags, size_t len);

/* Copies the counters of mapping `from` to mapping `to`. */
void usage_repeat(struct usage *usage, size_t from, size_t to);

/* Whether a mapping's VmFlags have a code, such as "dd"; also false if they were not read. */
bool usage_has_flag(const struct usage *usage, size_t mapping, const char *code) _pure_;

/* A mapping's VmFlags in words, with commas; NULL if they were not read. */
const char *usage_flags(const struct usage *usage, size_t mapping);
