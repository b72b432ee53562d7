/* SPDX-License-Identifier: MIT */
/*
 * An address space as a strip of bands, from low to high addresses, for pictures. What belongs
 * together is one band: a module, the brk heap, a stack with its guard, a malloc arena, regions of
 * a kind. So is each gap. If there are more bands than fit, neighbours are folded into one.
 */
#pragma once

#include "model/space.h"

enum band_type {
	BAND_GAP,     /* no region that is shown */
	BAND_MODULE,  /* a program or a library */
	BAND_HEAP,    /* the heap that grows by brk(2) */
	BAND_ARENA,   /* a heap of another malloc arena, with the room it has left */
	BAND_STACK,   /* a thread's stack, with its guard */
	BAND_REGIONS, /* one region, or several of one kind that touch each other */
	BAND_MIXED,   /* neighbours of several sorts, and the gaps between them */
};

enum growth { GROWS_NOT, GROWS_UP, GROWS_DOWN };

#define NO_THREAD SIZE_MAX

struct band {
	uint64_t start, end;
	enum band_type type;
	uint8_t kind;	      /* enum kind of its regions; N_KINDS: several kinds, or a gap */
	uint8_t depth;	      /* 1: a part of the open band before it */
	bool is_open;	      /* its parts follow; together they are all of it */
	bool is_program;      /* for BAND_MODULE: the program that the process runs, not a library */
	bool is_out_of_reach; /* a gap that no process can use: the kernel's half, non-canonical addresses */
	uint32_t first, n;    /* its regions: strip.regions[first] to [first + n - 1] */
	uint32_t n_folded;    /* bands that were folded into this one; 1: not folded */
	uint32_t n_modules, n_gaps; /* modules among those bands, and gaps between them */
	uint64_t size;		    /* of its regions, without `reserved`; for a gap: unmapped bytes */
	uint64_t reserved; /* of its regions of KIND_RESERVED and KIND_GUARD, if it has others, too */
	uint64_t hidden;   /* for a gap: bytes of regions in it that are not shown */

	/* For BAND_HEAP and the main stack: */
	enum growth growth;
	uint64_t room;		  /* bytes that it can grow by; UNKNOWN: not known */
	enum limit_id room_limit; /* what stops it; N_LIMITS: the next mapping */

	/* For a single BAND_STACK, not folded: */
	size_t thread; /* an index of facts.threads, or NO_THREAD */
	uint64_t sp;   /* the stack pointer, if it is in this stack, or UNKNOWN */
	uint64_t used; /* bytes in use, up to its end, or UNKNOWN */
};

struct strip {
	const struct space *space; /* borrowed */
	const uint32_t *regions;   /* borrowed: indices of judgement.regions, in order */
	bool is_full;		   /* each region is a band of its own, or a part of one */
	bool is_utf8;		   /* labels are for a document in UTF-8, not for the user's locale */
	struct band *bands;
	size_t n, cap;
	/* The size of the largest band without parts, reserved ones aside: bars are drawn relative to it. */
	uint64_t largest;
};

/*
 * How many bands there may be: above `alike`, neighbours of one kind are folded; above `any`, small
 * neighbours of any kind. Both 0: nothing is folded, and every region is a band of its own.
 */
struct strip_budget {
	size_t alike, any;
};

/*
 * Makes the strip of `n` regions of a space, given by ascending index. The space and the indices
 * must outlive the strip, which the caller frees with layout_done().
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

/* The sum of a counter over the band's regions, as far as it is known; UNKNOWN: it is not known for any. */
uint64_t band_counter(const struct strip *strip, const struct band *band, enum counter counter);
