/* SPDX-License-Identifier: MIT */
/*
 * An address space as a strip of bands, from low to high addresses, for pictures. What belongs together is one
 * band: a module, the brk heap, a stack with its guard, a malloc arena, regions of a kind. So is each gap.
 * Where there are more bands than fit, neighbours are folded into one.
 */
#pragma once

#include "model/space.h"

enum band_type {
	BAND_GAP,     /* nothing that is shown */
	BAND_MODULE,  /* a program or a library */
	BAND_HEAP,    /* the heap that grows by brk(2) */
	BAND_ARENA,   /* a heap of another malloc arena, with the room that it has left */
	BAND_STACK,   /* of a thread, with its guard */
	BAND_REGIONS, /* one region, or several of one kind that touch each other */
	BAND_MIXED,   /* neighbours of several sorts, and the gaps between them */
};

enum growth { GROWS_NOT, GROWS_UP, GROWS_DOWN };

#define NO_THREAD SIZE_MAX

struct band {
	uint64_t start, end;
	enum band_type type;
	uint8_t kind;	      /* enum kind of its regions; N_KINDS: of several kinds, or it is a gap */
	uint8_t depth;	      /* 1: a part of the open band before it */
	bool is_open;	      /* its parts follow; together they are all of it */
	bool is_program;      /* of BAND_MODULE: what the process runs, and no library */
	bool is_out_of_reach; /* a gap that no process can use: the kernel's half, and what is no address */
	uint32_t first, n;    /* its regions: strip.regions[first] to [first + n - 1] */
	uint32_t n_folded;    /* bands that were folded into it; 1: it is as it was found */
	uint32_t n_modules, n_gaps; /* of these, and the gaps between them */
	uint64_t size;	   /* of its regions, but for `reserved`; of a gap: that nothing is mapped in */
	uint64_t reserved; /* of its regions of KIND_RESERVED and KIND_GUARD, where there are others too */
	uint64_t hidden;   /* of a gap: of regions that are there and not shown */

	/* Of BAND_HEAP and of the main stack: where it grows to, */
	enum growth growth;
	uint64_t room;		  /* how many bytes further; UNKNOWN: nothing says */
	enum limit_id room_limit; /* what ends it; N_LIMITS: the next mapping */

	/* Of one BAND_STACK, not folded: */
	size_t thread; /* an index of facts.threads, or NO_THREAD */
	uint64_t sp;   /* the stack pointer, where it is in this stack, or UNKNOWN */
	uint64_t used; /* bytes up to its end, or UNKNOWN */
};

struct strip {
	const struct space *space; /* borrowed, */
	const uint32_t *regions;   /* as these: indices of judgement.regions, in order */
	bool is_full;		   /* each region is a band, or a part of one */
	bool is_utf8;		   /* labels are for a document in UTF-8, not for the user's locale */
	struct band *bands;
	size_t n, cap;
	/* Size of the largest band without parts, but for reserved ones: what bars are measured by. */
	uint64_t largest;
};

/*
 * Two budgets of bands: above the first, neighbours of one kind are folded; above the second, small neighbours of any
 * kind. 0: nothing is folded, and every region is a band of its own.
 */
struct strip_budget {
	size_t alike, any;
};

/*
 * The strip of `n` regions of a space, given by ascending index, which must outlive it. The caller frees it with
 * layout_done().
 */
void layout_build(struct strip *strip, const struct space *space, const uint32_t *regions, size_t n,
		  const struct strip_budget *budget);
void layout_done(struct strip *strip);

/* The i-th region of a band. */
static inline const struct region *band_region(const struct strip *strip, const struct band *band, size_t i)
{
	return &strip->space->judgement.regions[strip->regions[band->first + i]];
}

/* Bytes of each kind in a band, all zeroes for a gap. */
void band_sizes(const struct strip *strip, const struct band *band, uint64_t sizes[N_KINDS]);

/* The sum of a counter over its regions, where it is known; UNKNOWN where it is known of none. */
uint64_t band_counter(const struct strip *strip, const struct band *band, enum counter counter);
