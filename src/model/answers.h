/* SPDX-License-Identifier: MIT */
/*
 * Answers: what is read after the judgement, of what somebody asked about.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/answer.h"
#include "model/finding.h"
#include "model/frames.h"
#include "model/heap.h"
#include "model/leaks.h"
#include "model/judgement.h"
#include "model/notes.h"
#include "model/sharing.h"

enum page_state {
	PAGES_UNTOUCHED, /* no memory behind them, or no longer */
	PAGES_RESIDENT,
	PAGES_ZERO, /* read but never written: the one page of zeroes that all share */
	PAGES_SWAPPED,
	PAGES_UNKNOWN, /* not in memory: never touched, or swapped out, which is not seen */
	PAGES_GUARD,   /* MADV_GUARD_INSTALL: inaccessible without a mapping of their own */
	N_PAGE_STATES,
};

extern const char *const page_state_names[N_PAGE_STATES]; /* NULL for PAGES_UNKNOWN */

struct page_run { /* pages of one region, one after the other, that are alike */
	uint64_t start, end;
	uint32_t region;
	uint8_t state;	   /* enum page_state; for all but resident pages the rest is unknown */
	uint8_t is_huge;   /* enum answer: part of a huge page */
	uint8_t is_shared; /* mapped by other processes too */
	uint8_t is_dirty;
};

#define BLOCK_CONTENTS_MAX 64

/* The block of malloc that holds an address. */
struct block_lookup {
	uint64_t start;			   /* what the program has as its address */
	uint64_t size;			   /* with its header */
	uint64_t offset;		   /* of the address behind start; UNKNOWN: it is in the header */
	uint64_t arena;			   /* address of its state; UNKNOWN: not known */
	uint8_t arena_kind, state;	   /* enum arena_kind, enum block_state */
	char *class_name;		   /* owned; NULL: none is known */
	uint8_t n_contents;		   /* 0: not asked for, or not in memory */
	char contents[BLOCK_CONTENTS_MAX]; /* first bytes from start on */
};

struct lookup {		   /* an address that was asked about */
	const char *query; /* in whatever words; borrowed */
	uint64_t addr;	   /* UNKNOWN: there is no such symbol */
	uint32_t region;   /* or NO_REGION */
	bool has_page;
	struct page_run page;		     /* that holds it, where its state is known */
	char *symbol;			     /* that covers it, any bytes; NULL: none is known */
	uint64_t symbol_offset, symbol_size; /* size UNKNOWN: the file does not say */
	uint64_t file_offset;		     /* where its bytes come from in the mapped file, or UNKNOWN */
	char *section;			     /* that holds it; NULL: none, or not read */
	struct block_lookup *block;	     /* likewise; NULL: none, or not known */
};

struct answers {
	/* By thread, the lowest page of its stack ever touched. UNKNOWN, or NULL for all: not looked at. */
	uint64_t *lowest;
	bool pages_missing;	    /* they were asked for, and could not be read */
	struct page_run *page_runs; /* sorted */
	size_t n_page_runs, cap_page_runs;
	struct lookup *lookups; /* in the order of the questions */
	size_t n_lookups, cap_lookups;
	bool frames_missing;	  /* they were asked for, and could not be read */
	struct frames *frames;	  /* of one thread; NULL: not asked for, or not available */
	struct heap heap;	  /* where it was asked for */
	struct leaks leaks;	  /* likewise */
	struct sharing sharing;	  /* likewise */
	struct findings findings; /* likewise */
	struct block_list blocks; /* of the heap, likewise */
	struct notes notes;
};

void answers_done(struct answers *answers);
